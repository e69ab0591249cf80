# The job that Sidekiq runs for the measurement: it notes one byte for each message it got.
require "sidekiq"

# It says one for each fetch.
Redis.silence_deprecations = true

redis = { url: ENV.fetch("BENCH_REDIS") }
Sidekiq.configure_server { |config| config.redis = redis }
Sidekiq.configure_client { |config| config.redis = redis }

DONE = File.open(ENV.fetch("BENCH_DONE"), File::WRONLY | File::APPEND | File::CREAT)

class Job
  include Sidekiq::Worker
  sidekiq_options retry: false

  def perform(_text)
    DONE.syswrite(".")
  end
end

# A Ruby worker as its users write one: notes the arguments of its jobs in a file.
require "sidekiq"
require "json"

Redis.silence_deprecations = true
redis = { url: ENV.fetch("TEST_REDIS") }
Sidekiq.configure_server { |config| config.redis = redis }
Sidekiq.configure_client { |config| config.redis = redis }

class HardWorker
  include Sidekiq::Worker

  def perform(*args)
    File.open(ENV.fetch("TEST_DONE"), "a") { |file| file.puts(JSON.generate("jid" => jid, "args" => args)) }
  end
end

# Sidekiq's client: pushes the jobs that stand on stdin, one in JSON a line, and prints their ids.
require "sidekiq"
require "json"

Redis.silence_deprecations = true
Sidekiq.configure_client { |config| config.redis = { url: ENV.fetch("TEST_REDIS") } }
STDIN.each_line { |line| puts Sidekiq::Client.push(JSON.parse(line)) }

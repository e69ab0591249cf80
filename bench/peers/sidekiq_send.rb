# Sends COUNT messages of SIZE bytes in batches of BATCH from THREADS threads.
require_relative "sidekiq_job"

count, size, batch, threads = ARGV.map(&:to_i)
Sidekiq.configure_client { |config| config.redis = { url: ENV.fetch("BENCH_REDIS"), size: threads } }
text = "x" * size
Array.new(threads) do |number|
  Thread.new do
    mine = count / threads + (number < count % threads ? 1 : 0)
    while mine.positive?
      now = [mine, batch].min
      Sidekiq::Client.push_bulk("class" => Job, "args" => Array.new(now) { [text] })
      mine -= now
    end
  end
end.each(&:join)

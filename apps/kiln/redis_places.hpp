#pragma once

#include "cli/config.hpp"
#include "ports/clock.hpp"
#include "redis/redis_queue.hpp"
#include "redis/sidekiq_jobs.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace kiln {

/// One database of a Redis server.
struct RedisPlace {
    RedisPlace(redis::Location location, redis::ClientLimits limits, const ports::Clock& clock);

    redis::Client client;
    redis::RedisQueue queue;
    redis::SidekiqJobs jobs;
};

/// The Redis servers that this process reaches: that of `redis.url`, and those that whoever started
/// it named. A request cannot make kiln talk to another one. Used under its owner's lock.
class RedisPlaces {
  public:
    RedisPlaces(const cli::Config& config, const ports::Clock& clock)
        : config_{config}, clock_{clock} {}

    /// Was named by whoever started the process. @throws Error  invalid
    void allow(const std::string& url);

    /// Nothing is connected yet. @param url  without `#NAME`
    /// @throws Error  invalid · denied: neither of redis.url's server nor allowed
    [[nodiscard]] RedisPlace& of(const std::string& url);

  private:
    const cli::Config& config_;
    const ports::Clock& clock_;
    std::set<std::string> allowed_;                            ///< as Location::shown
    std::map<std::string, std::unique_ptr<RedisPlace>> open_;  ///< by URL
};

}  // namespace kiln

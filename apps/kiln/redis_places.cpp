#include "redis_places.hpp"

#include "base/random.hpp"

namespace kiln {

RedisPlace::RedisPlace(
    redis::Location location, redis::ClientLimits limits, const ports::Clock& clock
)
    : client{std::move(location), limits}, queue{client, clock}, jobs{client, clock, [] {
                                                                          return random_jitter();
                                                                      }} {}

void RedisPlaces::allow(const std::string& url) {
    allowed_.insert(redis::parse_location(url).shown());
}

RedisPlace& RedisPlaces::of(const std::string& url) {
    auto& place = open_[url];
    if (place) {
        return *place;
    }
    auto location = redis::parse_location(url);
    bool known = allowed_.contains(location.shown());
    if (!config_.redis_url.empty()) {
        const auto own = redis::parse_location(config_.redis_url);
        if (own.host == location.host && own.port == location.port && own.tls == location.tls) {
            known = true;
            if (location.password.empty()) {
                location.user = own.user;
                location.password = own.password;
            }
        }
    }
    if (!known) {
        open_.erase(url);
        throw Error{
            ErrorKind::denied,
            "requests may not name queues on the Redis server at " + location.shown()}
            .hint("redis.url is the server whose queues they may name");
    }
    place = std::make_unique<RedisPlace>(
        std::move(location),
        redis::ClientLimits{
            .connect = config_.redis_connect_time, .answer = config_.redis_answer_time},
        clock_
    );
    return *place;
}

}  // namespace kiln

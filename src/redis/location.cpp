#include "redis/location.hpp"

#include "base/error.hpp"
#include "net/url.hpp"

#include <charconv>

#include <fmt/format.h>

namespace kiln::redis {

namespace {

constexpr int kMostDatabases = 16'384;  ///< a server has 16 of them unless told otherwise

int read_database(std::string_view path) {
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    if (path.empty()) {
        return 0;
    }
    int number = -1;
    const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), number);
    if (error != std::errc{} || end != path.data() + path.size() || number < 0 ||
        number >= kMostDatabases) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "'/{}' is no database of Redis: it is a number, as in redis://HOST:6379/0", path
            )};
    }
    return number;
}

}  // namespace

std::string Location::shown() const {
    const bool v6 = host.find(':') != std::string::npos;
    return fmt::format(
        "{}://{}{}{}:{}/{}",
        tls ? "rediss" : "redis",
        v6 ? "[" : "",
        host,
        v6 ? "]" : "",
        port,
        database
    );
}

Location parse_location(std::string_view text) {
    const auto url = net::parse_url(text);
    if (url.scheme != "redis" && url.scheme != "rediss") {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "'{}://' is no Redis server: one looks like redis://HOST:6379/0", url.scheme
            )};
    }
    if (!url.query.empty() || !url.fragment.empty()) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("the URL of the Redis server at {} has neither '?' nor '#'", url.host)};
    }
    Location location;
    location.host = url.host;
    location.port = url.port.value_or(location.port);
    location.user = net::percent_decoded(url.user);
    location.password = net::percent_decoded(url.password);
    location.database = read_database(url.path);
    location.tls = url.scheme == "rediss";
    if (location.password.empty() && !location.user.empty()) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "the URL of the Redis server at {} has a user, but no password: without a user it "
                "is redis://:PASSWORD@HOST",
                url.host
            )};
    }
    return location;
}

}  // namespace kiln::redis

#include "redis/reply.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace kiln::redis {

namespace {

struct Meaning {
    std::string_view code;
    ErrorKind kind;
    std::string_view hint;
};

/// By the first word. Source: redis/redis, src/server.c `createSharedObjects`, src/acl.c.
constexpr std::array kMeanings{
    Meaning{
        "OOM",
        ErrorKind::exhausted,
        "its maxmemory is used up: let workers take what is there, or raise it"},
    Meaning{"LOADING", ErrorKind::unavailable, "it reads its data after a start: try again"},
    Meaning{"BUSY", ErrorKind::unavailable, "a script of somebody else's runs: try again"},
    Meaning{"TRYAGAIN", ErrorKind::unavailable, ""},
    Meaning{"MASTERDOWN", ErrorKind::unavailable, ""},
    Meaning{"CLUSTERDOWN", ErrorKind::unavailable, ""},
    Meaning{"READONLY", ErrorKind::unavailable, "it is a replica: name the server that it follows"},
    Meaning{"NOREPLICAS", ErrorKind::unavailable, "too few replicas follow it"},
    Meaning{"MISCONF", ErrorKind::unavailable, "it cannot write to its disk"},
    Meaning{"UNKILLABLE", ErrorKind::unavailable, ""},
    Meaning{"NOAUTH", ErrorKind::denied, "its URL has to hold a password: redis://:PASSWORD@HOST"},
    Meaning{"WRONGPASS", ErrorKind::denied, "user or password of its URL are wrong"},
    Meaning{"NOPERM", ErrorKind::denied, "its access rules forbid what kiln needs"},
    Meaning{"DENIED", ErrorKind::denied, "it is in protected mode"},
    Meaning{"WRONGTYPE", ErrorKind::corrupt, "somebody else uses a key of Sidekiq's or kiln's"},
    Meaning{
        "MOVED", ErrorKind::invalid, "it is part of a cluster, which Sidekiq's keys do not fit"},
    Meaning{
        "CROSSSLOT",
        ErrorKind::invalid,
        "it is part of a cluster, which Sidekiq's keys do not fit"},
};

}  // namespace

const Reply& Reply::at(std::size_t index) const {
    if (kind != Kind::array || index >= items.size()) {
        throw Error{ErrorKind::corrupt, "Redis answered with something else than was asked for"};
    }
    return items[index];
}

std::int64_t Reply::number() const {
    if (kind == Kind::integer) {
        return integer;
    }
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (kind != Kind::text || error != std::errc{} || rest != end) {
        throw Error{ErrorKind::corrupt, "Redis answered with something else than a number"};
    }
    return value;
}

Error to_error(std::string_view text, std::string_view server) {
    const auto message = fmt::format("Redis at {}: {}", server, text);
    for (const auto& [code, kind, hint] : kMeanings) {
        if (text.starts_with(code) && (text.size() == code.size() || text[code.size()] == ' ')) {
            Error error{kind, message};
            return hint.empty() ? error : std::move(error).hint(std::string{hint});
        }
    }
    // The texts that have no code of their own.
    if (text.find("without any password configured") != std::string_view::npos) {
        return Error{ErrorKind::denied, message}.hint("the server has no password: its URL has one"
        );
    }
    if (text.find("unknown command") != std::string_view::npos) {
        return Error{ErrorKind::denied, message}.hint("the server does not offer that command");
    }
    if (text.find("invalid password") != std::string_view::npos) {
        return Error{ErrorKind::denied, message}.hint("the password of its URL is wrong");
    }
    if (text.find("DB index is out of range") != std::string_view::npos) {
        return Error{ErrorKind::invalid, message}.hint("it has fewer databases than that");
    }
    if (text.find("max number of clients") != std::string_view::npos) {
        return Error{ErrorKind::unavailable, message};
    }
    return Error{ErrorKind::internal, message};
}

}  // namespace kiln::redis

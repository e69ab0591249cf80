#include "redis/connection.hpp"

#include "base/error.hpp"

#include <charconv>
#include <hiredis/hiredis.h>

#include <fmt/format.h>

namespace kiln::redis {

namespace {

struct FreeReply {
    void operator()(void* reply) const { ::freeReplyObject(reply); }
};

Reply to_reply(const redisReply& from) {
    Reply reply;
    switch (from.type) {
        case REDIS_REPLY_INTEGER:
            reply.kind = Reply::Kind::integer;
            reply.integer = from.integer;
            break;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
            reply.kind = Reply::Kind::text;
            reply.text.assign(from.str, from.len);
            break;
        case REDIS_REPLY_ERROR:
            reply.kind = Reply::Kind::error;
            reply.text.assign(from.str, from.len);
            break;
        case REDIS_REPLY_ARRAY:
            reply.kind = Reply::Kind::array;
            reply.items.reserve(from.elements);
            for (std::size_t i = 0; i < from.elements; ++i) {
                reply.items.push_back(to_reply(*from.element[i]));
            }
            break;
        default:
            break;
    }
    return reply;
}

std::string formatted(const Words& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const auto& word : words) {
        texts.push_back(word.data());
        sizes.push_back(word.size());
    }
    char* text = nullptr;
    const auto size =
        ::redisFormatCommandArgv(&text, static_cast<int>(words.size()), texts.data(), sizes.data());
    KILN_CHECK(size > 0);
    std::string command(text, static_cast<std::size_t>(size));
    ::redisFreeCommand(text);
    return command;
}

/// Of "redis_version:7.0.15\r\n" and the like.
std::string_view field_of(std::string_view info, std::string_view name) {
    const auto begin = info.find(name);
    if (begin == std::string_view::npos) {
        return {};
    }
    const auto value = info.substr(begin + name.size());
    return value.substr(0, value.find_first_of("\r\n"));
}

}  // namespace

void Connection::Free::operator()(redisReader* reader) const {
    ::redisReaderFree(reader);
}

Connection::Connection(const Location& location, Deadline deadline)
    : server_{location.shown()}, stream_{location, deadline}, reader_{::redisReaderCreate()} {
    KILN_CHECK(reader_ != nullptr);
    introduce(location, deadline);
}

std::optional<Reply> Connection::read(Deadline deadline, const Bell* bell) {
    for (;;) {
        void* raw = nullptr;
        if (::redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) {
            throw Error{
                ErrorKind::unavailable,
                fmt::format("what answers at {} is not Redis: {}", server_, reader_->errstr)};
        }
        if (raw != nullptr) {
            const std::unique_ptr<void, FreeReply> owned{raw};
            return to_reply(*static_cast<const redisReply*>(raw));
        }
        const auto bytes = stream_.read(deadline, bell);
        if (bytes.empty()) {
            return std::nullopt;
        }
        ::redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
    }
}

Reply Connection::must_read(Deadline deadline) {
    if (auto reply = read(deadline, nullptr)) {
        return *std::move(reply);
    }
    throw Error{
        ErrorKind::timed_out,
        fmt::format("Redis at {} did not answer in time; whether it did it is not known", server_)};
}

Reply Connection::call(const Words& words, Deadline deadline) {
    stream_.write(formatted(words), deadline);
    return must_read(deadline);
}

std::optional<Reply> Connection::call(const Words& words, Deadline deadline, const Bell& bell) {
    stream_.write(formatted(words), deadline);
    auto reply = read(deadline, &bell);
    if (!reply && deadline.passed()) {
        throw Error{
            ErrorKind::timed_out, fmt::format("Redis at {} did not answer in time", server_)};
    }
    return reply;
}

void Connection::introduce(const Location& location, Deadline deadline) {
    std::vector<Words> said;
    if (!location.password.empty()) {
        said.push_back({"AUTH"});
        if (!location.user.empty()) {
            said.back().push_back(location.user);
        }
        said.back().push_back(location.password);
    }
    said.push_back({"SELECT", std::to_string(location.database)});
    said.push_back({"CLIENT", "SETNAME", "kiln"});
    said.push_back({"INFO"});
    std::string all;
    for (const auto& words : said) {
        all += formatted(words);
    }
    stream_.write(all, deadline);
    Reply last;
    for (std::size_t i = 0; i < said.size(); ++i) {
        last = must_read(deadline);
        if (last.kind == Reply::Kind::error) {
            throw to_error(last.text, server_);
        }
    }
    const auto version = field_of(last.text, "redis_version:");
    std::int64_t minor = 0;
    const auto* end = version.data() + version.size();
    const auto [dot, error] = std::from_chars(version.data(), end, major_);
    if (dot != end) {
        std::from_chars(dot + 1, end, minor);
    }
    if (major_ < 6 || (major_ == 6 && minor < 2)) {
        throw Error{
            ErrorKind::invalid,
            fmt::format("Redis at {} is version {}; kiln needs 6.2 or later", server_, version)};
    }
}

}  // namespace kiln::redis

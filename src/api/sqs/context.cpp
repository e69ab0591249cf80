#include "api/sqs/context.hpp"

#include "api/sqs/answers.hpp"
#include "base/base64.hpp"

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

Failure no_such_queue() {
    return {ErrorCode::queue_does_not_exist, "The specified queue does not exist."};
}

Failure no_such_address(std::string_view url) {
    return {
        ErrorCode::invalid_address,
        fmt::format("The address {} is not valid for this endpoint.", url)};
}

/// "ACCOUNT/NAME" of a URL; what is no URL, as it is.
std::string_view path_of(std::string_view url) noexcept {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) {
        return url.starts_with('/') ? url.substr(1) : url;
    }
    const auto slash = url.find('/', scheme + 3);
    return slash == std::string_view::npos ? std::string_view{} : url.substr(slash + 1);
}

}  // namespace

std::string queue_url(std::string_view base_url, const queue::Place& place, std::string_view name) {
    return fmt::format("{}/{}/{}", base_url, place.account, name);
}

std::optional<std::string> queue_of(const Context& context, const Text& url, Reply& reply) {
    if (!url || url->empty()) {
        reply.fail(missing("QueueUrl"));
        return std::nullopt;
    }
    const auto path = path_of(*url);
    const auto slash = path.find('/');
    if (slash == std::string_view::npos && !path.empty() && path.data() == url->data()) {
        return std::string{path};
    }
    const auto name = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    if (name.empty() || name.find('/') != std::string_view::npos) {
        reply.fail(no_such_address(*url));
        return std::nullopt;
    }
    if (path.substr(0, slash) != context.place.account) {
        reply.fail(no_such_queue());
        return std::nullopt;
    }
    return std::string{name};
}

queue::DefinitionPtr definition_of(const Context& context, const Text& url, Reply& reply) {
    const auto name = queue_of(context, url, reply);
    if (!name) {
        return nullptr;
    }
    auto definition = context.engine.find(*name);
    if (definition == nullptr) {
        reply.fail(no_such_queue());
    }
    return definition;
}

bool admit(std::optional<queue::Refusal> refusal, Reply& reply) {
    if (refusal) {
        reply.fail(*refusal);
    }
    return !refusal;
}

std::string page_token(std::string_view last) {
    return to_base64(last);
}

std::optional<std::string> page_start(const Text& token) {
    return token ? from_base64(*token) : "";
}

queue::Callback<queue::Done> answer_done(ReplyPtr reply) {
    return [reply = std::move(reply)](const queue::Outcome<queue::Done>& outcome) {
        if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
            reply->fail(*refusal);
        } else {
            reply->succeed(Nothing{});
        }
    };
}

queue::Callback<queue::DefinitionPtr> answer_changed(ReplyPtr reply) {
    return [reply = std::move(reply)](const queue::Outcome<queue::DefinitionPtr>& outcome) {
        if (const auto* const refusal = std::get_if<queue::Refusal>(&outcome)) {
            reply->fail(*refusal);
        } else {
            reply->succeed(Nothing{});
        }
    };
}

}  // namespace kiln::api::sqs

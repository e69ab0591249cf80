#pragma once

#include "api/sqs/reply.hpp"
#include "api/sqs/value.hpp"
#include "queue/attributes.hpp"
#include "queue/engine.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::api::sqs {

/// What an operation needs of its request, besides its parameters. Lives as long as the call of the
/// operation: callbacks copy what they need.
struct Context {
    queue::Engine& engine;
    const queue::Place& place;
    std::string base_url;  ///< "http://127.0.0.1:9324", as the client names this server
    std::string sender;    ///< SenderId of what is sent
    Text trace_header;     ///< X-Amzn-Trace-Id
};

/// "BASE/ACCOUNT/NAME"
[[nodiscard]] std::string queue_url(
    std::string_view base_url, const queue::Place& place, std::string_view name
);

/// The name of the queue that is meant: of its URL on whatever host, or of the plain name. When it
/// is none of this account, it answers what is wrong and gives nullopt.
[[nodiscard]] std::optional<std::string> queue_of(
    const Context& context, const Text& url, Reply& reply
);

/// As `queue_of`, and the queue exists; else nullptr.
[[nodiscard]] queue::DefinitionPtr definition_of(
    const Context& context, const Text& url, Reply& reply
);

/// Answers the first refusal there is. @returns false: there is one
[[nodiscard]] bool admit(std::optional<queue::Refusal> refusal, Reply& reply);

/// A page's token is the name after which the next one begins.
[[nodiscard]] std::string page_token(std::string_view last);
/// nullopt: no such token; "" for none.
[[nodiscard]] std::optional<std::string> page_start(const Text& token);

/// For operations that only succeed.
[[nodiscard]] queue::Callback<queue::Done> answer_done(ReplyPtr reply);
[[nodiscard]] queue::Callback<queue::DefinitionPtr> answer_changed(ReplyPtr reply);

}  // namespace kiln::api::sqs

#pragma once

#include "api/sqs/failure.hpp"
#include "api/sqs/writer.hpp"
#include "net/responder.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace kiln::api::sqs {

/// `query_json`: the Query protocol, asked for JSON by its Accept header.
enum class Protocol { json, query, query_json };

/// What an answer has around it.
struct Envelope {
    Protocol protocol = Protocol::json;
    std::string_view operation;
    std::string request_id;
};

/// Pure.
[[nodiscard]] net::Response encode_failure(const Envelope& envelope, const Failure& failure);
[[nodiscard]] net::Response encode_failure(
    const Envelope& envelope, const ErrorNames& names, std::string_view message
);

/// Some errors have other words in the Query protocol, which is older.
[[nodiscard]] std::string query_message(const Failure& failure);

/// What stands before and after an answer's members; see `encode`.
void open_answer(std::string& body, const Envelope& envelope, bool has_result);
void close_answer(std::string& body, const Envelope& envelope, bool has_result);
[[nodiscard]] net::Response response_of(
    unsigned status, const Envelope& envelope, std::string body
);

template <class Answer>
[[nodiscard]] constexpr bool has_result() noexcept {
    if constexpr (requires { Answer::kHasResult; }) {
        return Answer::kHasResult;
    }
    return true;
}

/// Pure.
template <class Answer>
[[nodiscard]] net::Response encode(const Envelope& envelope, Answer& answer) {
    constexpr bool kResult = has_result<Answer>();
    std::string body;
    if (envelope.protocol == Protocol::json && !kResult) {
        return response_of(200, envelope, std::move(body));
    }
    open_answer(body, envelope, kResult);
    const auto start = body.size();
    if (envelope.protocol == Protocol::query) {
        XmlWriter writer{body};
        answer.members(writer);
        if (kResult && body.size() == start) {  // AWS closes an empty result at once
            body.insert(start - 1, 1, '/');
            close_answer(body, envelope, false);
            return response_of(200, envelope, std::move(body));
        }
    } else if (kResult) {
        const bool json = envelope.protocol == Protocol::json;
        JsonWriter writer{body, json ? JsonMaps::objects : JsonMaps::lists};
        answer.members(writer);
        writer.finish();
    }
    close_answer(body, envelope, kResult);
    return response_of(200, envelope, std::move(body));
}

/// The duty to answer one call in its protocol: once, from any thread. Shared, since callbacks have
/// to be copyable. Dropped unused, its responder answers 500.
class Reply {
  public:
    Reply(net::Responder responder, Envelope envelope)
        : responder_{std::move(responder)}, envelope_{std::move(envelope)} {}

    template <class Answer>
    void succeed(Answer answer) {
        responder_.send(encode(envelope_, answer));
    }

    void fail(const Failure& failure) { responder_.send(encode_failure(envelope_, failure)); }

    void fail(const queue::Refusal& refusal) { fail(failure_of(refusal)); }

    /// See `net::Responder::on_gone`.
    void on_gone(std::function<void()> gone) { responder_.on_gone(std::move(gone)); }

  private:
    net::Responder responder_;
    Envelope envelope_;
};

using ReplyPtr = std::shared_ptr<Reply>;

}  // namespace kiln::api::sqs

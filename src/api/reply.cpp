#include "api/reply.hpp"

#include "base/log.hpp"

namespace kiln::api {

namespace {
constexpr std::string_view kJson = "application/json";
}

net::Headers Reply::headers(std::string_view type, net::Headers more) const {
    more.set("Content-Type", std::string{type});
    more.set("X-Request-Id", request_id_);
    more.set("Cache-Control", "no-store");
    return more;
}

void Reply::send(unsigned status, const json::value& document, net::Headers more) {
    responder_.send({status, headers(kJson, std::move(more)), pretty_json(document)});
}

void Reply::text(unsigned status, std::string body, std::string_view type) {
    responder_.send({status, headers(type, {}), std::move(body)});
}

void Reply::error(const Error& what) {
    error(static_cast<unsigned>(status_of(what.kind())), what);
}

void Reply::error(unsigned status, const Error& what, net::Headers more) {
    if (what.retry_after()) {
        more.set("Retry-After", std::to_string(what.retry_after()->count()));
    }
    if (what.kind() == ErrorKind::internal || what.kind() == ErrorKind::corrupt) {
        log_error(
            "a request failed",
            {{"kind", std::string{to_string(what.kind())}},
             {"why", what.message()},
             {"id", request_id_}}
        );
    }
    send(status, errors_(what, request_id_), std::move(more));
}

net::Stream Reply::stream(std::string_view type, std::string first) {
    return responder_.stream({200, headers(type, {}), std::move(first)});
}

}  // namespace kiln::api

#include "net/request_rules.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace kiln::net {

namespace {

std::size_t count(const Headers& headers, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::count_if(headers.all(), [&](const auto& field) {
        return same_name(field.first, name);
    }));
}

/// Two readers of one request must not disagree about where it ends.
std::optional<Refused> framing_problem(const Headers& headers, bool http_1_1) {
    const auto lengths = count(headers, "Content-Length");
    const auto encodings = count(headers, "Transfer-Encoding");
    if (lengths + encodings > 1) {
        return Refused{400, "more than one Content-Length or Transfer-Encoding"};
    }
    if (lengths == 1) {
        const auto length = *headers.find("Content-Length");
        if (length.empty() || length.find_first_not_of("0123456789") != std::string_view::npos) {
            return Refused{400, "Content-Length must be one number"};
        }
    }
    if (encodings == 1) {
        if (!http_1_1) {
            return Refused{400, "HTTP/1.0 has no Transfer-Encoding"};
        }
        if (!same_name(*headers.find("Transfer-Encoding"), "chunked")) {
            return Refused{501, "no Transfer-Encoding but 'chunked' is understood"};
        }
    }
    return std::nullopt;
}

std::optional<Refused> expectation_problem(const Headers& headers) {
    const auto expect = headers.find("Expect");
    if (expect && !same_name(*expect, "100-continue")) {
        return Refused{417, "no Expect but '100-continue' is understood"};
    }
    return std::nullopt;
}

std::optional<Refused> host_problem(const Headers& headers, bool http_1_1) {
    const auto hosts = count(headers, "Host");
    if (hosts > 1 || (hosts == 0 && http_1_1)) {
        return Refused{400, "exactly one Host field is needed"};
    }
    constexpr std::string_view kNotInHost = " \t,/?#@\\";
    if (hosts == 1 && headers.find("Host")->find_first_of(kNotInHost) != std::string_view::npos) {
        return Refused{400, "the Host field is not HOST or HOST:PORT"};
    }
    return std::nullopt;
}

/// "http://host/path" -> "/path". RFC 9112, 3.2.2: a server has to take this form, too.
std::optional<Refused> settle_absolute(Request& request) {
    const auto target = std::string_view{request.target};
    const auto scheme_end = target.find("://");
    const auto scheme = target.substr(0, scheme_end);
    if (!same_name(scheme, "http") && !same_name(scheme, "https")) {
        return Refused{400, "the request's target must begin with '/'"};
    }
    const auto rest = target.substr(scheme_end + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (authority.empty() || !same_name(authority, request.headers.value_or("Host", authority))) {
        return Refused{400, "the target names another host than the Host field"};
    }
    const auto path = rest.substr(authority.size());
    request.target = path.starts_with('/') ? std::string{path} : fmt::format("/{}", path);
    return std::nullopt;
}

std::optional<Refused> settle_target(Request& request) {
    if (request.method == "CONNECT") {
        return Refused{501, "this server is no proxy"};
    }
    if (request.target.starts_with('/') || (request.target == "*" && request.method == "OPTIONS")) {
        return std::nullopt;
    }
    if (request.target.find("://") != std::string::npos) {
        return settle_absolute(request);
    }
    return Refused{400, "the request's target must begin with '/'"};
}

}  // namespace

std::optional<Refused> settle_header(Request& request, bool http_1_1) {
    for (auto problem :
         {framing_problem(request.headers, http_1_1),
          host_problem(request.headers, http_1_1),
          expectation_problem(request.headers)}) {
        if (problem) {
            return problem;
        }
    }
    return settle_target(request);
}

}  // namespace kiln::net

#include "cli/remote.hpp"

#include "cli/credentials.hpp"
#include "cli/server_note.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::cli {

namespace {

constexpr std::chrono::seconds kCallDeadline{60};

std::string token_for(const Config& config) {
    if (!config.token.empty()) {
        return config.token;
    }
    try {
        return load_credentials(config.home).token;
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) {
            throw;
        }
        throw Error{ErrorKind::denied, "no token for the server"}.hint(
            "set KILN_TOKEN to what `kiln credentials` shows on the server's host"
        );
    }
}

std::string without_slash(std::string url) {
    while (url.ends_with('/')) {
        url.pop_back();
    }
    return url;
}

ErrorKind kind_of_word(std::string_view word, ErrorKind otherwise) {
    for (const auto kind :
         {ErrorKind::invalid,
          ErrorKind::not_found,
          ErrorKind::conflict,
          ErrorKind::denied,
          ErrorKind::exhausted,
          ErrorKind::unavailable,
          ErrorKind::timed_out,
          ErrorKind::cancelled,
          ErrorKind::corrupt,
          ErrorKind::internal}) {
        if (word == to_string(kind)) {
            return kind;
        }
    }
    return otherwise;
}

/// What a status means where nothing of ours explains it: a proxy's answer, for instance.
ErrorKind kind_of_status(unsigned status) {
    switch (status) {
        case 400:
        case 405:
        case 413:
            return ErrorKind::invalid;
        case 401:
        case 403:
            return ErrorKind::denied;
        case 404:
            return ErrorKind::not_found;
        case 409:
            return ErrorKind::conflict;
        case 429:
            return ErrorKind::exhausted;
        case 408:
        case 504:
            return ErrorKind::timed_out;
        default:
            return status >= 502 && status < 600 ? ErrorKind::unavailable : ErrorKind::internal;
    }
}

std::string text_of(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : "";
}

std::vector<Problem> problems_of(const json::object& object) {
    std::vector<Problem> problems;
    const auto* all = object.if_contains("problems");
    if (all != nullptr && all->is_array()) {
        for (const auto& one : all->get_array()) {
            if (const auto* problem = one.if_object()) {
                problems.push_back({text_of(*problem, "where"), text_of(*problem, "what")});
            }
        }
    }
    return problems;
}

Error with_hint(Error error, const std::string& hint) {
    return hint.empty() ? error : std::move(error).hint(hint);
}

}  // namespace

ServerAddress find_address(const Config& config, const std::optional<std::string>& flag) {
    if (flag || !config.server_url.empty()) {
        return {without_slash(flag.value_or(config.server_url)), token_for(config), false};
    }
    const auto note = find_server(config.home);
    if (!note) {
        throw Error{
            ErrorKind::unavailable, fmt::format("no server runs for '{}'", config.home.native())}
            .hint("start one with `kiln serve`, or name one with --server URL");
    }
    return {note->url, token_for(config), true};
}

Error error_of(const net::ClientResponse& response) {
    try {
        const auto document = parse_json(response.body);
        const auto* outer = document.if_object();
        const auto* value = outer != nullptr ? outer->if_contains("error") : nullptr;
        if (const auto* error = value != nullptr ? value->if_object() : nullptr) {
            const auto kind =
                kind_of_word(text_of(*error, "kind"), kind_of_status(response.status));
            const auto message = text_of(*error, "message");
            auto problems = problems_of(*error);
            if (!problems.empty() && kind == ErrorKind::invalid) {
                // The message lists them at its end; ours will list them again.
                auto summary = message;
                if (const auto tail = Error{"", problems}.message(); summary.ends_with(tail)) {
                    summary.resize(summary.size() - tail.size());
                }
                return with_hint(Error{summary, std::move(problems)}, text_of(*error, "hint"));
            }
            return with_hint(Error{kind, message}, text_of(*error, "hint"));
        }
        if (const auto* text = value != nullptr ? value->if_string() : nullptr) {
            return {kind_of_status(response.status), std::string{*text}};
        }
        const auto* several = outer != nullptr ? outer->if_contains("errors") : nullptr;
        if (several != nullptr && several->is_array()) {
            std::vector<Problem> problems;
            for (const auto& one : several->get_array()) {
                const auto text = one.is_string() ? std::string{one.get_string()} : "";
                const auto colon = std::min(text.find(": "), text.size());
                const auto rest = std::min(colon + 2, text.size());
                problems.push_back({text.substr(0, colon), text.substr(rest)});
            }
            return Error{"the server refuses it", std::move(problems)};
        }
    } catch (const Error&) {
        // Not ours: the status is all there is.
    }
    return {
        kind_of_status(response.status),
        fmt::format("the server answered with status {}", response.status)};
}

net::ClientRequest Remote::request(
    std::string_view method, const std::string& path, net::Headers headers, std::string body
) const {
    headers.set("Authorization", "Bearer " + address_.token);
    if (!body.empty()) {
        headers.set("Content-Type", "application/json");
    }
    return {std::string{method}, address_.url + path, std::move(headers), std::move(body)};
}

json::value Remote::call(
    std::string_view method,
    const std::string& path,
    const net::Headers& headers,
    std::string body,
    const std::stop_token& stop
) {
    auto sent = request(method, path, headers, std::move(body));
    sent.deadline = Deadline::after(kCallDeadline);
    const auto response = wire_.send(sent, stop);
    if (response.status < 200 || response.status >= 300) {
        throw error_of(response);
    }
    return response.body.empty() ? json::value{} : parse_json(response.body);
}

void Remote::stream(
    const std::string& path,
    const net::Headers& headers,
    const std::function<void(std::string_view)>& piece,
    const std::stop_token& stop
) {
    const auto response = wire_.stream(request("GET", path, headers, ""), piece, stop);
    if (response.status < 200 || response.status >= 300) {
        throw error_of(response);
    }
}

}  // namespace kiln::cli

#include "net/response_head.hpp"

#include <algorithm>
#include <array>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace kiln::net {

namespace {

std::string_view reason(unsigned status) {
    struct Row {
        unsigned status;
        std::string_view text;
    };

    static constexpr auto kRows = std::to_array<Row>({
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    });
    const auto* row = std::ranges::find(kRows, status, &Row::status);
    return row == kRows.end() ? std::string_view{"Status"} : row->text;
}

bool is_name_character(char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
}

bool is_value_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

bool set_by_server(std::string_view name) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"Content-Length", "Transfer-Encoding", "Connection", "Date"}
    );
    return std::ranges::any_of(kNames, [&](auto known) { return same_name(known, name); });
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::optional<std::string> response_problem(const Response& response) {
    if (response.status < 200 || response.status > 599) {
        return fmt::format("status {} is not from 200 to 599", response.status);
    }
    for (const auto& [name, value] : response.headers.all()) {
        if (name.empty() || !std::ranges::all_of(name, is_name_character)) {
            return "the name of a header field has a character that cannot stand there";
        }
        if (!std::ranges::all_of(value, is_value_character)) {
            return fmt::format("header field {} has a line break or control character", name);
        }
    }
    return std::nullopt;
}

bool never_has_body(unsigned status) noexcept {
    return status == 204 || status == 304;
}

std::string head_text(const Response& response, const Framing& framing) {
    constexpr std::size_t kUsual = 512;
    std::string out;
    out.reserve(kUsual);
    fmt::format_to(
        std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status, reason(response.status)
    );
    for (const auto& [name, value] : response.headers.all()) {
        if (!set_by_server(name)) {
            add_line(out, name, value);
        }
    }
    if (framing.body == Framing::Body::chunked) {
        add_line(out, "Transfer-Encoding", "chunked");
    } else if (framing.body == Framing::Body::sized && !never_has_body(response.status)) {
        add_line(out, "Content-Length", fmt::format_int{framing.size}.str());
    }
    if (!framing.keep_alive) {
        add_line(out, "Connection", "close");
    } else if (!framing.http_1_1) {
        add_line(out, "Connection", "keep-alive");
    }
    add_line(out, "Date", framing.date);
    return out.append("\r\n");
}

std::string http_date(std::chrono::sys_seconds time) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(time));
}

}  // namespace kiln::net

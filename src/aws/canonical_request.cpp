#include "aws/canonical_request.hpp"

#include <algorithm>
#include <array>

namespace kiln::aws {

namespace {

/// Headers that are not signed: set after signing, or changed on the way. As in AWS' own SDKs.
constexpr std::array<std::string_view, 7> kUnsigned{
    "authorization",
    "connection",
    "expect",
    "te",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id"};

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& out, std::string_view text, char kept) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        if (is_unreserved(c) || c == kept) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char folded = static_cast<char>(c | 0x20);
    return folded >= 'a' && folded <= 'f' ? folded - 'a' + 10 : -1;
}

/// %41 -> A; a percent sign without two digits stays.
std::string decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size()) {
            const int high = hex_digit(text[at + 1]);
            const int low = hex_digit(text[at + 2]);
            if (high >= 0 && low >= 0) {
                out += static_cast<char>(high * 16 + low);
                at += 2;
                continue;
            }
        }
        out += text[at];
    }
    return out;
}

std::string without_dots(std::string_view path) {
    std::vector<std::string_view> segments;
    for (std::size_t at = 0; at <= path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        const auto segment = path.substr(at, end - at);
        at = end + 1;
        if (segment == "..") {
            if (!segments.empty()) {
                segments.pop_back();
            }
        } else if (!segment.empty() && segment != ".") {
            segments.push_back(segment);
        }
    }
    // A path that does not begin with a slash must not come to look like one that does.
    std::string out{path.starts_with('/') ? "/" : ""};
    for (const auto segment : segments) {
        out += segment;
        out += '/';
    }
    if (!segments.empty() && !path.ends_with('/')) {
        out.pop_back();
    }
    return out;
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string out{text};
    for (auto& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_encoded(out, text, '-');
    return out;
}

std::string canonical_path(std::string_view path, PathRule rule) {
    const std::string_view sent = path.empty() ? "/" : path;
    if (rule == PathRule::s3) {
        return std::string{sent};
    }
    std::string out;
    append_encoded(out, rule == PathRule::normalized ? without_dots(sent) : sent, '/');
    return out;
}

std::string canonical_query(std::string_view query) {
    Fields pairs;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto piece = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (piece.empty()) {
            continue;
        }
        const auto equals = std::min(piece.find('='), piece.size());
        const auto value = piece.substr(std::min(equals + 1, piece.size()));
        pairs.emplace_back(
            percent_encoded(decoded(piece.substr(0, equals))), percent_encoded(decoded(value))
        );
    }
    std::sort(pairs.begin(), pairs.end());
    std::string out;
    for (const auto& [name, value] : pairs) {
        out += out.empty() ? "" : "&";
        out += name;
        out += '=';
        out += value;
    }
    return out;
}

std::string canonical_value(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    bool gap = false;
    for (const char c : value) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            gap = !out.empty();
            continue;
        }
        if (gap) {
            out += ' ';
            gap = false;
        }
        out += c;
    }
    return out;
}

std::vector<std::string> signable_names(std::span<const Field> headers) {
    std::vector<std::string> names;
    names.reserve(headers.size());
    for (const auto& [name, value] : headers) {
        auto lower = lower_case(name);
        if (std::find(kUnsigned.begin(), kUnsigned.end(), lower) == kUnsigned.end()) {
            names.push_back(std::move(lower));
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::string joined_names(std::span<const std::string> names) {
    std::string out;
    for (const auto& name : names) {
        out += out.empty() ? "" : ";";
        out += name;
    }
    return out;
}

std::string canonical_request(
    const SignableRequest& request, std::span<const std::string> names, PathRule rule
) {
    Fields lowered;
    lowered.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) {
        lowered.emplace_back(lower_case(name), canonical_value(value));
    }
    std::string out{request.method};
    out += '\n';
    out += canonical_path(request.path, rule);
    out += '\n';
    out += canonical_query(request.query);
    out += '\n';
    for (const auto& name : names) {
        out += name;
        char before = ':';
        for (const auto& [known, value] : lowered) {
            if (known == name) {
                out += before;
                out += value;
                before = ',';
            }
        }
        out += before == ':' ? ":\n" : "\n";
    }
    out += '\n';
    out += joined_names(names);
    out += '\n';
    out += request.payload_sha256;
    return out;
}

}  // namespace kiln::aws

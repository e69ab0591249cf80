#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/utf8.hpp"
#include "jsonpath/functions.hpp"
#include "jsonpath/text.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace kiln::jsonpath::functions {

namespace {

constexpr std::size_t kLongestData = 10'000;
constexpr std::size_t kLongestResult = std::size_t{8} << 20;

void check_result(const std::string& text) {
    if (text.size() > kLongestResult) {
        throw Refused{"the result is longer than 8 MiB"};
    }
}

std::string_view short_text(std::string_view text) {
    if (count_characters(text) > kLongestData) {
        throw Refused{"argument 1 is longer than 10000 characters"};
    }
    return text;
}

bool is_escapable(char c) noexcept {
    return c == '{' || c == '}' || c == '\'' || c == '\\';
}

std::size_t length_of_character(std::string_view text, std::size_t at) noexcept {
    std::size_t length = 1;
    while (at + length < text.size() &&
           (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) {
        ++length;
    }
    return length;
}

}  // namespace

json::value format(const Arguments& arguments, World&) {
    const auto pattern = text_at(arguments, 1);
    std::string out;
    std::size_t used = 1;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const char c = pattern[at];
        const char next = at + 1 < pattern.size() ? pattern[at + 1] : '\0';
        if (c == '\\' && is_escapable(next)) {
            out += next;
            ++at;
        } else if (c == '{' && next == '}') {
            if (used < arguments.size()) {
                out += plain_text(*arguments[used].get());
                check_result(out);
            }
            ++used;
            ++at;
        } else {
            out += c;
        }
    }
    if (used != arguments.size()) {
        throw Refused{fmt::format(
            "the template has {} times '{{}}' for {} arguments", used - 1, arguments.size() - 1
        )};
    }
    return json::value(std::move(out));
}

json::value string_to_json(const Arguments& arguments, World&) {
    const auto text = text_at(arguments, 1);
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return nullptr;
    }
    json::error_code error;
    auto value = json::parse(text, error);
    if (error) {
        throw Refused{fmt::format("argument 1 is not JSON: {}", error.message())};
    }
    return value;
}

json::value json_to_string(const Arguments& arguments, World&) {
    auto text = compact_text(*arguments[0].get());
    check_result(text);
    return json::value(std::move(text));
}

/// At each of the characters of the second text; what is empty between two is left out (recorded).
json::value string_split(const Arguments& arguments, World&) {
    const auto text = text_at(arguments, 1);
    const auto marks = text_at(arguments, 2);
    json::array parts;
    std::size_t from = 0;
    for (std::size_t at = 0; at <= text.size();) {
        const auto length = at == text.size() ? 1 : length_of_character(text, at);
        const bool ends =
            at == text.size() || marks.find(text.substr(at, length)) != std::string_view::npos;
        if (ends && at > from) {
            parts.emplace_back(text.substr(from, at - from));
        }
        at += length;
        from = ends ? at : from;
    }
    return parts;
}

json::value base64_encode(const Arguments& arguments, World&) {
    return json::value(to_base64(short_text(text_at(arguments, 1))));
}

json::value base64_decode(const Arguments& arguments, World&) {
    std::string text{short_text(text_at(arguments, 1))};
    text.append((4 - text.size() % 4) % 4, '=');
    const auto bytes = from_base64(text);
    if (!bytes) {
        throw Refused{"argument 1 is not Base64"};
    }
    return json::value(to_utf8(*bytes));
}

json::value hash(const Arguments& arguments, World&) {
    static const std::array<std::pair<std::string_view, const EVP_MD*>, 5> kAlgorithms{{
        {"MD5", EVP_md5()},
        {"SHA-1", EVP_sha1()},
        {"SHA-256", EVP_sha256()},
        {"SHA-384", EVP_sha384()},
        {"SHA-512", EVP_sha512()},
    }};
    const auto& value = *arguments[0].get();
    const auto data = value.is_string() ? std::string{text_at(arguments, 1)} : compact_text(value);
    const auto name = text_at(arguments, 2);
    for (const auto& [known, digest] : kAlgorithms) {
        if (known == name) {
            std::array<std::uint8_t, EVP_MAX_MD_SIZE> sum{};
            unsigned length = 0;
            const auto bytes = short_text(data);
            if (EVP_Digest(bytes.data(), bytes.size(), sum.data(), &length, digest, nullptr) != 1) {
                throw Refused{"this host's library has no such algorithm"};
            }
            return json::value(to_hex(std::span{sum}.first(length)));
        }
    }
    throw Refused{fmt::format(
        "argument 2 has to be MD5, SHA-1, SHA-256, SHA-384 or SHA-512, not '{}'", name
    )};
}

}  // namespace kiln::jsonpath::functions

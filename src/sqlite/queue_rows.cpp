#include "sqlite/queue_rows.hpp"

#include "base/json.hpp"

#include <fmt/format.h>

namespace kiln::sqlite {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

bool is_binary(std::string_view type) {
    return type.starts_with("Binary");
}

[[noreturn]] void throw_corrupt(std::string_view what) {
    throw Error{ErrorKind::corrupt, fmt::format("a message in the store cannot be read: {}", what)};
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string digits;
    digits.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        digits.push_back(kDigits[byte >> 4U]);
        digits.push_back(kDigits[byte & 0xfU]);
    }
    return digits;
}

std::string from_hex(std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        const auto high = kDigits.find(digits[i]);
        const auto low = kDigits.find(digits[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            throw_corrupt("no hex digits");
        }
        bytes.push_back(static_cast<char>(high << 4U | low));
    }
    return bytes;
}

std::string write_attributes(const ports::MessageAttributes& attributes) {
    json::object object;
    for (const auto& [name, attribute] : attributes) {
        const auto& [type, value] = attribute;
        object[name] = json::array{type, is_binary(type) ? to_hex(value) : value};
    }
    return json::serialize(object);
}

ports::MessageAttributes read_attributes(std::string_view text) {
    ports::MessageAttributes attributes;
    try {
        const auto document = json::parse(text);
        for (const auto& [name, pair] : document.as_object()) {
            const std::string type{std::string_view{pair.at(0).as_string()}};
            const std::string_view value{pair.at(1).as_string()};
            attributes.emplace(
                name,
                ports::MessageAttribute{
                    type, is_binary(type) ? from_hex(value) : std::string{value}}
            );
        }
    } catch (const std::exception& error) {
        throw_corrupt(error.what());
    }
    return attributes;
}

}  // namespace kiln::sqlite

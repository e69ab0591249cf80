#include "flow/binary.hpp"

#include "flow/json_text.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace kiln::flow {
namespace {

enum class Tag : char {
    null = 'n',
    yes = 't',
    no = 'f',
    signed_whole = 'i',
    unsigned_whole = 'u',
    real = 'd',
    text = 's',
    array = 'a',
    object = 'o',
};

[[noreturn]] void corrupt(const char* what) {
    throw Error{ErrorKind::corrupt, std::string{"a stored value of an execution "} + what};
}

}  // namespace

void BinaryWriter::unsigned_number(std::uint64_t number) {
    while (number >= 0x80) {
        to_ += static_cast<char>((number & 0x7FU) | 0x80U);
        number >>= 7U;
    }
    to_ += static_cast<char>(number);
}

void BinaryWriter::number(std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);
    unsigned_number((bits << 1U) ^ (number < 0 ? ~std::uint64_t{0} : 0));
}

void BinaryWriter::real(double number) {
    const auto bits = std::bit_cast<std::uint64_t>(number);
    for (unsigned shift = 0; shift < 64; shift += 8) {
        to_ += static_cast<char>((bits >> shift) & 0xFFU);
    }
}

void BinaryWriter::text(std::string_view text) {
    unsigned_number(text.size());
    to_ += text;
}

void BinaryWriter::json(const json::value& value) {
    const auto tag = [this](Tag is) { to_ += static_cast<char>(is); };
    switch (value.kind()) {
        case json::kind::null:
            return tag(Tag::null);
        case json::kind::bool_:
            return tag(value.get_bool() ? Tag::yes : Tag::no);
        case json::kind::int64:
            tag(Tag::signed_whole);
            return number(value.get_int64());
        case json::kind::uint64:
            tag(Tag::unsigned_whole);
            return unsigned_number(value.get_uint64());
        case json::kind::double_:
            tag(Tag::real);
            return real(value.get_double());
        case json::kind::string:
            tag(Tag::text);
            return text(value.get_string());
        case json::kind::array:
            tag(Tag::array);
            unsigned_number(value.get_array().size());
            for (const auto& element : value.get_array()) {
                json(element);
            }
            return;
        case json::kind::object:
            tag(Tag::object);
            unsigned_number(value.get_object().size());
            for (const auto& member : value.get_object()) {
                text(member.key());
                json(member.value());
            }
            return;
    }
}

void BinaryWriter::payload(const Payload& payload) {
    to_ += payload == nullptr ? '\0' : '\1';
    if (payload != nullptr) {
        json(*payload);
    }
}

void BinaryWriter::optional_text(const std::optional<std::string>& value) {
    to_ += value ? '\1' : '\0';
    if (value) {
        text(*value);
    }
}

void BinaryWriter::shared_text(const std::shared_ptr<const std::string>& value) {
    to_ += value != nullptr ? '\1' : '\0';
    if (value != nullptr) {
        text(*value);
    }
}

void BinaryWriter::optional_number(const std::optional<std::int64_t>& value) {
    to_ += value ? '\1' : '\0';
    if (value) {
        number(*value);
    }
}

void BinaryWriter::time(TimePoint time) {
    number(time.time_since_epoch().count());
}

void BinaryWriter::optional_time(const std::optional<TimePoint>& value) {
    to_ += value ? '\1' : '\0';
    if (value) {
        time(*value);
    }
}

std::string_view BinaryReader::take(std::size_t bytes) {
    if (bytes > rest_.size()) {
        corrupt("ends too early");
    }
    const auto taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
}

std::uint64_t BinaryReader::unsigned_number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto byte = static_cast<unsigned char>(take(1)[0]);
        number |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if (byte < 0x80) {
            return number;
        }
    }
    corrupt("has a number that does not end");
}

std::int64_t BinaryReader::number() {
    const auto bits = unsigned_number();
    return static_cast<std::int64_t>((bits >> 1U) ^ (~(bits & 1U) + 1));
}

double BinaryReader::real() {
    const auto bytes = take(8);
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 8; ++i) {
        bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return std::bit_cast<double>(bits);
}

std::string_view BinaryReader::text() {
    return take(unsigned_number());
}

std::size_t BinaryReader::count() {
    const auto count = unsigned_number();
    if (count > rest_.size()) {
        corrupt("says that it holds more than it does");
    }
    return count;
}

json::value BinaryReader::json() {
    return json(0);
}

json::value BinaryReader::json(std::size_t depth) {
    if (depth > kDeepestPayload) {
        corrupt("is nested too deep");
    }
    switch (static_cast<Tag>(take(1)[0])) {
        case Tag::null:
            return nullptr;
        case Tag::yes:
            return true;
        case Tag::no:
            return false;
        case Tag::signed_whole:
            return number();
        case Tag::unsigned_whole:
            return unsigned_number();
        case Tag::real:
            return real();
        case Tag::text:
            return json::value(text());
        case Tag::array: {
            json::array array;
            const auto size = count();
            array.reserve(size);
            for (std::size_t i = 0; i < size; ++i) {
                array.emplace_back(json(depth + 1));
            }
            return array;
        }
        case Tag::object: {
            json::object object;
            const auto size = count();
            object.reserve(size);
            for (std::size_t i = 0; i < size; ++i) {
                const auto key = text();
                object.emplace(key, json(depth + 1));
            }
            return object;
        }
    }
    corrupt("has an unknown tag");
}

Payload BinaryReader::payload() {
    return take(1)[0] == '\0' ? nullptr : std::make_shared<const json::value>(json(0));
}

std::optional<std::string> BinaryReader::optional_text() {
    if (take(1)[0] == '\0') {
        return std::nullopt;
    }
    return std::string{text()};
}

std::shared_ptr<const std::string> BinaryReader::shared_text() {
    return take(1)[0] == '\0' ? nullptr : std::make_shared<const std::string>(text());
}

std::optional<std::int64_t> BinaryReader::optional_number() {
    return take(1)[0] == '\0' ? std::nullopt : std::optional{number()};
}

TimePoint BinaryReader::time() {
    return TimePoint{Duration{number()}};
}

std::optional<TimePoint> BinaryReader::optional_time() {
    return take(1)[0] == '\0' ? std::nullopt : std::optional{time()};
}

}  // namespace kiln::flow

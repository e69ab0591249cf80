#include "base/utf8.hpp"
#include "jsonata/evaluator.hpp"
#include "jsonata/failure.hpp"
#include "jsonata/text.hpp"

#include <array>

namespace kiln::jsonata {

namespace {

constexpr std::string_view kUnreserved = "-_.!~*'()";
constexpr std::string_view kReserved = ";/?:@&=+$,#";

bool is_alphanumeric(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z');
}

[[noreturn]] void malformed(std::string_view text, std::string_view function) {
    Failure failure{"D3140"};
    failure.value = json_text(text);
    failure.text = function;
    throw failure;
}

Value encoded(Evaluator& evaluator, Value value, std::string_view kept, std::string_view function) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    if (!value.defined()) {
        return {};
    }
    if (has_lone_surrogate(value.text())) {
        malformed(value.text(), function);
    }
    std::string out;
    for (const char letter : value.text()) {
        if (is_alphanumeric(letter) || kUnreserved.find(letter) != std::string_view::npos ||
            kept.find(letter) != std::string_view::npos) {
            out += letter;
        } else {
            out += '%';
            out += kHex[static_cast<unsigned char>(letter) >> 4U];
            out += kHex[static_cast<unsigned char>(letter) & 15U];
        }
    }
    return evaluator.text(out);
}

int hex_digit(char letter) {
    const char lower = static_cast<char>(letter | 0x20);
    return letter >= '0' && letter <= '9' ? letter - '0'
           : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                          : -1;
}

Value decoded(Evaluator& evaluator, Value value, std::string_view kept, std::string_view function) {
    if (!value.defined()) {
        return {};
    }
    const auto text = value.text();
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        const auto high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
        const auto low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
        if (high < 0 || low < 0) {
            malformed(text, function);
        }
        const auto letter = static_cast<char>(high * 16 + low);
        if (letter > 0 && kept.find(letter) != std::string_view::npos) {
            out += text.substr(at, 3);
        } else {
            out += letter;
        }
        at += 2;
    }
    if (!is_utf8(out) && is_utf8(text)) {
        malformed(text, function);
    }
    return evaluator.text(out);
}

Value encode_component(Evaluator& evaluator, const Arguments& arguments) {
    return encoded(evaluator, arguments[0], "", "encodeUrlComponent");
}

Value encode(Evaluator& evaluator, const Arguments& arguments) {
    return encoded(evaluator, arguments[0], kReserved, "encodeUrl");
}

Value decode_component(Evaluator& evaluator, const Arguments& arguments) {
    return decoded(evaluator, arguments[0], "", "decodeUrlComponent");
}

Value decode(Evaluator& evaluator, const Arguments& arguments) {
    return decoded(evaluator, arguments[0], kReserved, "decodeUrl");
}

constexpr std::array kFunctions{
    Builtin{"encodeUrlComponent", "<s-:s>", 1, encode_component},
    Builtin{"encodeUrl", "<s-:s>", 1, encode},
    Builtin{"decodeUrlComponent", "<s-:s>", 1, decode_component},
    Builtin{"decodeUrl", "<s-:s>", 1, decode},
};

}  // namespace

std::span<const Builtin> url_functions() {
    return kFunctions;
}

}  // namespace kiln::jsonata

#include "api/sqs/form.hpp"

#include "base/error.hpp"
#include "net/http.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace kiln::api::sqs {

namespace {

/// The protocol's own, and those of older signatures, which SDKs still add.
constexpr std::array<std::string_view, 9> kProtocol{
    "Action",
    "Version",
    "AWSAccessKeyId",
    "Expires",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
};

bool is_protocol(std::string_view name) noexcept {
    return name.starts_with("X-Amz-") ||
           std::find(kProtocol.begin(), kProtocol.end(), name) != kProtocol.end();
}

}  // namespace

Form::Form(std::string_view query, std::string_view body) {
    for (const auto text : {query, body}) {
        for (auto& [name, value] : net::parse_form(text)) {
            parameters_.push_back({std::move(name), std::move(value)});
        }
    }
    std::stable_sort(parameters_.begin(), parameters_.end(), [](const auto& a, const auto& b) {
        return a.name < b.name;
    });
}

std::optional<std::string> Form::take(std::string_view name) {
    const auto at = std::lower_bound(
        parameters_.begin(),
        parameters_.end(),
        name,
        [](const auto& parameter, std::string_view wanted) { return parameter.name < wanted; }
    );
    if (at == parameters_.end() || at->name != name || at->taken) {
        return std::nullopt;
    }
    at->taken = true;
    return std::move(at->value);
}

const std::string* Form::find(std::string_view name) const {
    const auto at = std::lower_bound(
        parameters_.begin(),
        parameters_.end(),
        name,
        [](const auto& parameter, std::string_view wanted) { return parameter.name < wanted; }
    );
    return at == parameters_.end() || at->name != name || at->taken ? nullptr : &at->value;
}

std::vector<unsigned> Form::numbers(std::string_view prefix) const {
    const auto dotted = fmt::format("{}.", prefix);
    auto at = std::lower_bound(
        parameters_.begin(),
        parameters_.end(),
        std::string_view{dotted},
        [](const auto& parameter, std::string_view wanted) { return parameter.name < wanted; }
    );
    std::vector<unsigned> numbers;
    for (; at != parameters_.end() && at->name.starts_with(dotted); ++at) {
        const char* const first = at->name.data() + dotted.size();
        const char* const last = at->name.data() + at->name.size();
        unsigned number = 0;
        const auto [end, error] = std::from_chars(first, last, number);
        if (error != std::errc{} || (end != last && *end != '.') || *first == '0') {
            throw Error{
                ErrorKind::invalid,
                fmt::format("{}: a number from 1 has to follow {}", at->name, dotted)};
        }
        if (numbers.empty() || numbers.back() != number) {
            numbers.push_back(number);
        }
    }
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    return numbers;
}

void Form::finish() const {
    for (const auto& parameter : parameters_) {
        if (!parameter.taken && !is_protocol(parameter.name)) {
            throw Error{
                ErrorKind::invalid,
                fmt::format("the parameter {} is unknown here, or given twice", parameter.name)};
        }
    }
}

}  // namespace kiln::api::sqs

#include "api/sqs/query_reader.hpp"

#include "base/base64.hpp"
#include "base/error.hpp"

#include <charconv>

namespace kiln::api::sqs {

void QueryReader::operator()(std::string_view name, Number& number) {
    const auto text = form_.take(prefix_ + std::string{name});
    if (!text) {
        return;
    }
    const char* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, number.emplace());
    if (error != std::errc{} || end != last) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "Value {} for parameter {}{} is invalid. Reason: Must be an integer.",
                *text,
                prefix_,
                name
            )};
    }
}

void QueryReader::operator()(std::string_view name, std::optional<Blob>& blob) {
    const auto text = form_.take(prefix_ + std::string{name});
    if (!text) {
        return;
    }
    auto bytes = from_base64(*text);
    if (!bytes) {
        throw Error{
            ErrorKind::invalid,
            fmt::format(
                "The value of parameter {}{} is invalid. Reason: Must be base64.", prefix_, name
            )};
    }
    blob = Blob{std::move(*bytes)};
}

void QueryReader::take_empty(std::string_view name) {
    const auto full = prefix_ + std::string{name};
    const auto* const value = form_.find(full);
    if (value != nullptr && value->empty()) {
        (void)form_.take(full);
    }
}

std::vector<std::string> QueryReader::starts(std::string_view name, std::string_view item) const {
    std::vector<std::string> found;
    for (const auto each : {item, name}) {
        const auto stem = prefix_ + std::string{each};
        for (const auto number : form_.numbers(stem)) {
            found.push_back(fmt::format("{}.{}", stem, number));
        }
        if (item == name) {
            break;
        }
    }
    return found;
}

std::string QueryReader::required(const std::string& name) {
    auto value = form_.take(name);
    if (!value) {
        throw Error{
            ErrorKind::invalid, fmt::format("The request must contain the parameter {}.", name)};
    }
    return std::move(*value);
}

void QueryReader::refuse_repeated(std::string_view key) {
    throw Error{ErrorKind::invalid, fmt::format("{} is given twice", key)};
}

}  // namespace kiln::api::sqs

#include "jsonpath/error.hpp"

#include "jsonpath/template.hpp"

#include <fmt/format.h>

namespace kiln::jsonpath {

std::string not_found_sentence(
    std::string_view path, std::string_view field, std::string_view input
) {
    return fmt::format(
        "The JSONPath '{}' specified for the field '{}' could not be found in the input '{}'",
        path,
        field,
        input
    );
}

TemplateError::TemplateError(
    std::string field, std::vector<std::string> parents, PathError cause, Root root
)
    : field_{std::move(field)},
      parents_{std::move(parents)},
      cause_{std::move(cause)},
      root_{std::move(root)} {}

TemplateError::TemplateError(
    std::string field, std::vector<std::string> parents, IntrinsicError cause
)
    : field_{std::move(field)}, parents_{std::move(parents)}, cause_{std::move(cause)} {}

const PathError* TemplateError::path_error() const noexcept {
    return std::get_if<PathError>(&cause_);
}

const IntrinsicError* TemplateError::intrinsic_error() const noexcept {
    return std::get_if<IntrinsicError>(&cause_);
}

std::string TemplateError::sentence(std::string_view input) const {
    if (const auto* call = intrinsic_error(); call != nullptr) {
        return call->had_error();
    }
    const auto& error = *path_error();
    return error.fault() == Fault::limit ? error.invalid_path()
                                         : not_found_sentence(error.expression(), field_, input);
}

const char* TemplateError::what() const noexcept {
    return std::visit([](const auto& cause) { return cause.what(); }, cause_);
}

}  // namespace kiln::jsonpath

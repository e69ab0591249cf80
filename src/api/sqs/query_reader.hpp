#pragma once

#include "api/sqs/form.hpp"
#include "api/sqs/value.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace kiln::api::sqs {

/// Reads the members of a shape from a form whose names begin with `prefix`. Lists and maps are
/// flattened; besides AWS' name for their items, the member's own name does ("Tags.1.Key").
class QueryReader {
  public:
    explicit QueryReader(Form& form, std::string prefix = "")
        : form_{form}, prefix_{std::move(prefix)} {}

    void operator()(std::string_view name, Text& text) {
        text = form_.take(prefix_ + std::string{name});
    }

    /// @throws Error  invalid: not a whole number
    void operator()(std::string_view name, Number& number);
    /// @throws Error  invalid: not base64
    void operator()(std::string_view name, std::optional<Blob>& blob);

    template <class T>
    void operator()(std::string_view name, Item item, std::vector<T>& list) {
        take_empty(name);
        for (const auto& start : starts(name, item.name)) {
            read(start, list.emplace_back());
        }
    }

    template <class Map>
    void operator()(std::string_view name, Pairs pairs, Map& map) {
        take_empty(name);
        for (const auto& start : starts(name, pairs.name)) {
            auto key = required(fmt::format("{}.{}", start, pairs.key));
            const auto [place, added] = map.try_emplace(std::move(key));
            if (!added) {
                refuse_repeated(place->first);
            }
            read(fmt::format("{}.{}", start, pairs.value), place->second);
        }
    }

  private:
    /// SDKs write an empty list as its member's name without a value.
    void take_empty(std::string_view name);
    /// "PREFIXNAME.1", "PREFIXNAME.2", … of either name.
    std::vector<std::string> starts(std::string_view name, std::string_view item) const;
    std::string required(const std::string& name);
    [[noreturn]] static void refuse_repeated(std::string_view key);

    void read(const std::string& name, std::string& text) { text = form_.take(name).value_or(""); }

    template <class Shape>
    void read(const std::string& name, Shape& shape) {
        QueryReader reader{form_, name + "."};
        shape.members(reader);
    }

    Form& form_;
    std::string prefix_;
};

/// @throws Error  invalid: a value of a wrong kind, an unknown parameter
template <class Shape>
[[nodiscard]] Shape read_query(Form& form) {
    Shape shape;
    QueryReader reader{form};
    shape.members(reader);
    form.finish();
    return shape;
}

}  // namespace kiln::api::sqs

#pragma once

#include "api/sqs/value.hpp"
#include "base/json.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::api::sqs {

/// Where a value stands in a document; made only of what is at hand, told only when it is wrong.
struct JsonPlace {
    const JsonPlace* parent = nullptr;
    std::string_view name;

    [[nodiscard]] std::string text() const;
};

/// Reads the members of a shape from a JSON object. A member that is null counts as absent; one
/// that nobody asked for is refused.
class JsonReader {
  public:
    explicit JsonReader(const json::object& object, const JsonPlace* place = nullptr)
        : object_{object}, place_{place} {}

    void operator()(std::string_view name, Text& text);
    void operator()(std::string_view name, Number& number);
    void operator()(std::string_view name, std::optional<Blob>& blob);

    template <class T>
    void operator()(std::string_view name, Item, std::vector<T>& list) {
        const auto* const values = array(name);
        if (values == nullptr) {
            return;
        }
        const JsonPlace place{place_, name};
        for (const auto& value : *values) {
            read(value, place, list.emplace_back());
        }
    }

    template <class Map>
    void operator()(std::string_view name, Pairs, Map& map) {
        const auto* const members = object(name);
        if (members == nullptr) {
            return;
        }
        const JsonPlace outer{place_, name};
        for (const auto& member : *members) {
            const JsonPlace place{&outer, member.key()};
            if (!member.value().is_null()) {
                read(member.value(), place, map[std::string{member.key()}]);
            }
        }
    }

    /// Refuses what was not asked for. To be called once, after all members.
    void finish() const;

  private:
    const json::value* find(std::string_view name);
    const json::array* array(std::string_view name);
    const json::object* object(std::string_view name);

    static void read(const json::value& value, const JsonPlace& place, std::string& text);

    template <class Shape>
    static void read(const json::value& value, const JsonPlace& place, Shape& shape) {
        JsonReader reader{object_of(value, place), &place};
        shape.members(reader);
        reader.finish();
    }

    static const json::object& object_of(const json::value& value, const JsonPlace& place);

    const json::object& object_;
    const JsonPlace* place_;
    std::vector<std::string_view> asked_;
    std::size_t found_ = 0;
};

/// The shape from a request's body; an empty body is an empty object.
/// @throws Error  invalid: no JSON object, a member of a wrong type, an unknown member
template <class Shape>
[[nodiscard]] Shape read_json(std::string_view body, std::size_t limit_bytes) {
    const auto value = body.empty() ? json::value(json::object{}) : parse_json(body, limit_bytes);
    if (!value.is_object()) {
        throw Error{ErrorKind::invalid, "the body is not a JSON object"};
    }
    Shape shape;
    JsonReader reader{value.as_object()};
    shape.members(reader);
    reader.finish();
    return shape;
}

}  // namespace kiln::api::sqs

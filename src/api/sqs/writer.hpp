#pragma once

#include "api/sqs/value.hpp"
#include "base/base64.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace kiln::api::sqs {

/// Appends `text` as a JSON string, with its quotes. `text` is UTF-8.
void append_json(std::string& out, std::string_view text);
/// Appends `text`, UTF-8, as XML's character data, as SQS escapes it: also '"' and CR. Control
/// characters that XML does not have become U+FFFD.
void append_xml(std::string& out, std::string_view text);

/// How JSON shows maps: as objects, or as the Query protocol's JSON has them, lists of pairs.
enum class JsonMaps { objects, lists };

/// Writes the members of an answer as one JSON object.
class JsonWriter {
  public:
    explicit JsonWriter(std::string& out, JsonMaps maps = JsonMaps::objects)
        : out_{out}, maps_{maps} {
        out_ += '{';
    }

    void finish() { out_ += '}'; }

    void operator()(std::string_view name, std::string_view text) {
        key(name);
        append_json(out_, text);
    }

    void operator()(std::string_view name, bool flag) {
        key(name);
        out_ += flag ? "true" : "false";
    }

    void operator()(std::string_view name, const std::int64_t& number) {
        key(name);
        fmt::format_to(std::back_inserter(out_), "{}", number);
    }

    template <class T>
    void operator()(std::string_view name, const std::optional<T>& value) {
        if (value) {
            (*this)(name, *value);
        }
    }

    void base64(std::string_view name, std::optional<std::string_view> bytes) {
        if (bytes) {
            (*this)(name, std::string_view{to_base64(*bytes)});
        }
    }

    template <class List>
    void operator()(std::string_view name, Item item, List& list) {
        if (!list.empty()) {
            required(name, item, list);
        }
    }

    /// A list that is shown when it is empty, too.
    template <class List>
    void required(std::string_view name, Item item, List& list) {
        key(maps_ == JsonMaps::lists && !item.json.empty() ? item.json : name);
        out_ += '[';
        for (auto& each : list) {
            separate('[');
            write(each);
        }
        out_ += ']';
    }

    template <class List>
    void operator()(std::string_view name, Pairs pairs, List& list) {
        if (list.empty()) {
            return;
        }
        key(name);
        const bool object = maps_ == JsonMaps::objects;
        const char open = object ? '{' : '[';
        out_ += open;
        for (auto& [each, value] : list) {
            separate(open);
            if (object) {
                append_json(out_, each);
                out_ += ':';
                write(value);
            } else {
                JsonWriter pair{out_, maps_};
                pair(pairs.key, std::string_view{each});
                pair.key(pairs.value);
                write(value);
                pair.finish();
            }
        }
        out_ += object ? '}' : ']';
    }

  private:
    void separate(char open) {
        if (out_.back() != open) {
            out_ += ',';
        }
    }

    void key(std::string_view name) {
        separate('{');
        append_json(out_, name);
        out_ += ':';
    }

    void write(std::string_view text) { append_json(out_, text); }

    template <class Shape>

    requires(!std::is_convertible_v<Shape, std::string_view>) void write(Shape& shape) {
        JsonWriter writer{out_, maps_};
        shape.members(writer);
        writer.finish();
    }

    std::string& out_;
    JsonMaps maps_;
};

/// Writes the members of an answer as XML elements; lists and maps are flattened.
class XmlWriter {
  public:
    explicit XmlWriter(std::string& out) : out_{out} {}

    void operator()(std::string_view name, std::string_view text) {
        open(name);
        append_xml(out_, text);
        close(name);
    }

    void operator()(std::string_view name, bool flag) {
        (*this)(name, std::string_view{flag ? "true" : "false"});
    }

    void operator()(std::string_view name, const std::int64_t& number) {
        open(name);
        fmt::format_to(std::back_inserter(out_), "{}", number);
        close(name);
    }

    template <class T>
    void operator()(std::string_view name, const std::optional<T>& value) {
        if (value) {
            (*this)(name, *value);
        }
    }

    void base64(std::string_view name, std::optional<std::string_view> bytes) {
        if (bytes) {
            (*this)(name, std::string_view{to_base64(*bytes)});
        }
    }

    template <class List>
    void operator()(std::string_view, Item item, List& list) {
        for (auto& each : list) {
            write(item.name, each);
        }
    }

    template <class List>
    void required(std::string_view name, Item item, List& list) {
        (*this)(name, item, list);
    }

    template <class List>
    void operator()(std::string_view, Pairs pairs, List& list) {
        for (auto& [key, value] : list) {
            open(pairs.name);
            (*this)(pairs.key, std::string_view{key});
            write(pairs.value, value);
            close(pairs.name);
        }
    }

  private:
    void open(std::string_view name) { fmt::format_to(std::back_inserter(out_), "<{}>", name); }

    void close(std::string_view name) { fmt::format_to(std::back_inserter(out_), "</{}>", name); }

    void write(std::string_view name, std::string_view text) { (*this)(name, text); }

    template <class Shape>

    requires(!std::is_convertible_v<Shape, std::string_view>) void write(
        std::string_view name, Shape& shape
    ) {
        open(name);
        shape.members(*this);
        close(name);
    }

    std::string& out_;
};

}  // namespace kiln::api::sqs

#include "tasks/form_encoding.hpp"

#include "aws/canonical_request.hpp"
#include "tasks/api_shapes.hpp"

#include <fmt/format.h>

namespace kiln::tasks {

namespace {

std::string plain(const json::value& value) {
    if (value.is_null()) {
        return "";
    }
    return value.is_string() ? std::string{value.get_string()} : text_of(value);
}

class Form {
  public:
    explicit Form(ArrayFormat arrays) : arrays_{arrays} {}

    void add(const std::string& name, const json::value& value) {
        if (value.is_object()) {
            for (const auto& [key, member] : value.get_object()) {
                add(fmt::format("{}[{}]", name, std::string_view{key}), member);
            }
        } else if (value.is_array()) {
            add_items(name, value.get_array());
        } else {
            add_text(name, plain(value));
        }
    }

    [[nodiscard]] std::string text() && { return std::move(text_); }

  private:
    void add_items(const std::string& name, const json::array& items) {
        if (arrays_ == ArrayFormat::commas) {
            std::string joined;
            for (const auto& item : items) {
                joined += (joined.empty() ? "" : ",") + plain(item);
            }
            return add_text(name, joined);
        }
        std::size_t index = 0;
        for (const auto& item : items) {
            switch (arrays_) {
                case ArrayFormat::indices:
                    add(fmt::format("{}[{}]", name, index++), item);
                    break;
                case ArrayFormat::brackets:
                    add(name + "[]", item);
                    break;
                case ArrayFormat::repeat:
                case ArrayFormat::commas:
                    add(name, item);
                    break;
            }
        }
    }

    void add_text(const std::string& name, const std::string& value) {
        text_ += fmt::format(
            "{}{}={}",
            text_.empty() ? "" : "&",
            aws::percent_encoded(name),
            aws::percent_encoded(value)
        );
    }

    ArrayFormat arrays_;
    std::string text_;
};

}  // namespace

std::string form_encoded(const json::object& members, ArrayFormat arrays) {
    Form form{arrays};
    for (const auto& [key, value] : members) {
        form.add(std::string{key}, value);
    }
    return std::move(form).text();
}

}  // namespace kiln::tasks

#include "asl/duplicate_states.hpp"

#include "asl/json_error.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <set>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

namespace kiln::asl {

namespace {

/// What a container of the text is in the language.
enum class Level { group, states, state, branches, other };

Level child_of(Level parent, std::string_view key) noexcept {
    switch (parent) {
        case Level::group:
            return key == "States" ? Level::states : Level::other;
        case Level::states:
            return Level::state;
        case Level::state:
            if (key == "ItemProcessor" || key == "Iterator") {
                return Level::group;
            }
            return key == "Branches" ? Level::branches : Level::other;
        case Level::branches:
            return Level::group;
        case Level::other:
            break;
    }
    return Level::other;
}

/// Follows the text by its events; keeps the way to where it stands.
class Handler {
  public:
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    std::vector<DuplicateState> found;

    bool on_document_begin(json::error_code&) { return true; }

    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&) {
        begin(false);
        return true;
    }

    bool on_object_end(std::size_t, json::error_code&) {
        open_.pop_back();
        return true;
    }

    bool on_array_begin(json::error_code&) {
        begin(true);
        return true;
    }

    bool on_array_end(std::size_t, json::error_code&) {
        open_.pop_back();
        return true;
    }

    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        key_.append(part.data(), part.size());
        return true;
    }

    bool on_key(json::string_view part, std::size_t, json::error_code&) {
        key_.append(part.data(), part.size());
        auto& level = open_.back();
        if (level.kind == Level::states && !level.names.insert(key_).second) {
            found.push_back({key_, location()});
        }
        level.key = std::move(key_);
        key_.clear();
        return true;
    }

    bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }

    bool on_string(json::string_view, std::size_t, json::error_code&) { return value(); }

    bool on_number_part(json::string_view, json::error_code&) { return true; }

    bool on_int64(std::int64_t, json::string_view, json::error_code&) { return value(); }

    bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return value(); }

    bool on_double(double, json::string_view, json::error_code&) { return value(); }

    bool on_bool(bool, json::error_code&) { return value(); }

    bool on_null(json::error_code&) { return value(); }

    bool on_comment_part(json::string_view, json::error_code&) { return true; }

    bool on_comment(json::string_view, json::error_code&) { return true; }

  private:
    struct Open {
        Level kind = Level::other;
        bool array = false;
        std::size_t index = 0;  ///< of the element that comes next
        std::string key;
        std::set<std::string> names;
    };

    void begin(bool array) {
        auto kind = Level::group;
        if (!open_.empty()) {
            auto& parent = open_.back();
            kind = child_of(parent.kind, parent.key);
            ++parent.index;
        }
        open_.push_back({kind, array, 0, {}, {}});
    }

    bool value() {
        if (!open_.empty()) {
            ++open_.back().index;
        }
        return true;
    }

    /// Of the key that was read last.
    [[nodiscard]] std::string location() const {
        std::string out;
        for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
            out += open_[i].array ? fmt::format("[{}]", open_[i].index - 1) : '/' + open_[i].key;
        }
        return out + '/' + key_;
    }

    std::vector<Open> open_;
    std::string key_;
};

}  // namespace

std::vector<DuplicateState> duplicate_states(std::string_view text) {
    json::parse_options options;
    options.max_depth = kDeepestJson + 1;
    json::basic_parser<Handler> parser{options};
    json::error_code error;
    parser.write_some(false, text.data(), text.size(), error);
    return std::move(parser.handler().found);
}

}  // namespace kiln::asl

#include "release/json_spots.hpp"

#include "base/json.hpp"

#include <fmt/format.h>

namespace kiln::release {

namespace {

/// Walks a text that is known to be JSON.
class Walk {
  public:
    explicit Walk(std::string_view text) : text_{text} {}

    void value(const std::string& path) {
        blanks();
        if (next() == '{') {
            object(path);
        } else if (next() == '[') {
            array(path);
        } else if (next() == '"') {
            static_cast<void>(string());
        } else {
            while (at_ < text_.size() &&
                   std::string_view{",]} \t\r\n"}.find(text_[at_]) == std::string_view::npos) {
                take();
            }
        }
    }

    std::map<std::string, Spot, std::less<>> spots;

  private:
    [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void take() {
        if (text_[at_] == '\n') {
            ++spot_.line;
            spot_.column = 1;
        } else if ((static_cast<unsigned char>(text_[at_]) & 0xc0U) != 0x80U) {
            ++spot_.column;
        }
        ++at_;
    }

    void blanks() {
        while (at_ < text_.size() &&
               (next() == ' ' || next() == '\t' || next() == '\r' || next() == '\n')) {
            take();
        }
    }

    std::string string() {
        const auto begin = at_;
        take();
        while (at_ < text_.size() && next() != '"') {
            if (next() == '\\') {
                take();
            }
            take();
        }
        take();
        return std::string{json::parse(text_.substr(begin, at_ - begin)).as_string()};
    }

    void object(const std::string& path) {
        take();
        for (blanks(); next() == '"'; blanks()) {
            const auto spot = spot_;
            const auto key = string();
            const auto at = path.empty() ? key : path + "." + key;
            spots.emplace(at, spot);
            blanks();
            take();  // the colon
            value(at);
            blanks();
            if (next() == ',') {
                take();
            }
        }
        take();
    }

    void array(const std::string& path) {
        take();
        std::size_t index = 0;
        for (blanks(); at_ < text_.size() && next() != ']'; blanks()) {
            const auto at = fmt::format("{}[{}]", path, index++);
            spots.emplace(at, spot_);
            value(at);
            blanks();
            if (next() == ',') {
                take();
            }
        }
        take();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Spot spot_;
};

}  // namespace

std::map<std::string, Spot, std::less<>> json_spots(std::string_view text) {
    Walk walk{text};
    walk.value("");
    return std::move(walk.spots);
}

}  // namespace kiln::release

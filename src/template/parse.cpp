#include "base/error.hpp"
#include "template/template.hpp"

#include <optional>

#include <fmt/format.h>

namespace kiln::templates {

namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_name(std::string_view text) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos &&
           !(text.front() >= '0' && text.front() <= '9');
}

/// What may be repeated in a message: one line, not long.
std::string shown(std::string_view text) {
    constexpr std::size_t kMost = 40;
    const auto line = text.substr(0, text.find('\n'));
    return line.size() <= kMost && line.size() == text.size()
               ? std::string{line}
               : std::string{line.substr(0, kMost)} + "…";
}

/// Reads a text from its beginning to its end, and knows where it is.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_{text} {}

    [[nodiscard]] std::string_view rest() const { return rest_; }

    [[nodiscard]] const Place& place() const { return place_; }

    /// The next `count` bytes.
    std::string_view take(std::size_t count) {
        const auto taken = rest_.substr(0, count);
        for (const char c : taken) {
            if (c == '\n') {
                ++place_.line;
                place_.column = 1;
            } else if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) {
                ++place_.column;
            }
        }
        rest_.remove_prefix(taken.size());
        return taken;
    }

    void skip_blanks() {
        while (!rest_.empty() && is_blank(rest_.front())) {
            take(1);
        }
    }

  private:
    std::string_view rest_;
    Place place_;
};

class Parser {
  public:
    explicit Parser(std::string_view text) : reader_{text} {}

    std::vector<Piece> parse() {
        while (!reader_.rest().empty()) {
            const auto open = reader_.rest().find(kOpen);
            add_text(reader_.take(open == std::string_view::npos ? reader_.rest().size() : open));
            if (open != std::string_view::npos) {
                read_action();
            }
        }
        if (!problems_.empty()) {
            throw Error{"the template is not one", std::move(problems_)};
        }
        return std::move(pieces_);
    }

  private:
    void add_text(std::string_view text) {
        if (text.empty()) {
            return;
        }
        if (!pieces_.empty() && std::holds_alternative<std::string>(pieces_.back())) {
            std::get<std::string>(pieces_.back()) += text;
        } else {
            pieces_.emplace_back(std::string{text});
        }
    }

    void complain(const Place& place, std::string what) {
        problems_.push_back({to_string(place), std::move(what)});
    }

    /// From the opening braces up to the closing ones.
    void read_action() {
        const auto opened = reader_.place();
        reader_.take(kOpen.size());
        reader_.skip_blanks();
        if (reader_.rest().starts_with('"') || reader_.rest().starts_with('`')) {
            read_literal(opened);
            return;
        }
        const auto close = reader_.rest().find(kClose);
        if (close == std::string_view::npos) {
            unclosed(opened);
            return;
        }
        auto inside = reader_.take(close);
        reader_.take(kClose.size());
        while (!inside.empty() && is_blank(inside.back())) {
            inside.remove_suffix(1);
        }
        add_slot(inside, opened);
    }

    void add_slot(std::string_view inside, const Place& opened) {
        if (inside.starts_with('.') && is_name(inside.substr(1))) {
            pieces_.emplace_back(Slot{std::string{inside.substr(1)}, opened});
        } else if (is_name(inside)) {
            complain(
                opened,
                fmt::format("'{}' is no function; a value is written {{{{.{}}}}}", inside, inside)
            );
        } else {
            complain(
                opened,
                fmt::format(
                    "'{}' is not understood; there are values, {{{{.Name}}}}, and texts, "
                    "{{{{\"text\"}}}}, and nothing else",
                    shown(inside)
                )
            );
        }
    }

    void read_literal(const Place& opened) {
        const char quote = reader_.take(1).front();
        const auto text = quote == '`' ? raw_literal() : quoted_literal();
        if (!text) {
            complain(opened, fmt::format("its {} is not closed", quote));
            return;
        }
        reader_.skip_blanks();
        if (!reader_.rest().starts_with(kClose)) {
            complain(reader_.place(), "}} has to follow the text");
            return;
        }
        reader_.take(kClose.size());
        add_text(*text);
    }

    std::optional<std::string> raw_literal() {
        const auto end = reader_.rest().find('`');
        if (end == std::string_view::npos) {
            reader_.take(reader_.rest().size());
            return std::nullopt;
        }
        std::string text{reader_.take(end)};
        reader_.take(1);
        return text;
    }

    std::optional<std::string> quoted_literal() {
        std::string text;
        while (!reader_.rest().empty() && reader_.rest().front() != '\n') {
            const auto place = reader_.place();
            const char c = reader_.take(1).front();
            if (c == '"') {
                return text;
            }
            text += c == '\\' ? escaped(place) : c;
        }
        return std::nullopt;
    }

    char escaped(const Place& place) {
        const auto taken = reader_.take(1);
        const char c = taken.empty() ? '\0' : taken.front();
        switch (c) {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case '"':
            case '\\':
                return c;
            default:
                complain(place, "of \\ there are \\\" \\\\ \\n \\t");
                return c;
        }
    }

    void unclosed(const Place& opened) {
        complain(opened, "{{ is not closed by }}");
        reader_.take(reader_.rest().size());
    }

    Reader reader_;
    std::vector<Piece> pieces_;
    std::vector<Problem> problems_;
};

}  // namespace

Template Template::parse(std::string_view text) {
    return Template{Parser{text}.parse()};
}

}  // namespace kiln::templates

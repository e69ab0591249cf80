#include "jsonata/date_picture.hpp"

#include "jsonata/failure.hpp"
#include "jsonata/numbers.hpp"
#include "jsonata/text.hpp"

#include <algorithm>

namespace kiln::jsonata {

namespace {

/// A wider component would only be zeros.
constexpr double kWidest = 10'000;

std::string_view default_presentation(char component) {
    switch (component) {
        case 'm':
        case 's':
            return "01";
        case 'Z':
        case 'z':
            return "01:01";
        case 'F':
        case 'P':
        case 'C':
        case 'E':
            return "n";
        default:
            return std::string_view{"YMDdWwXxHhf"}.find(component) != std::string_view::npos ? "1"
                                                                                             : "";
    }
}

std::string without_blanks(std::string_view text) {
    std::string out;
    std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char letter) {
        return std::string_view{" \t\n\r\v\f"}.find(letter) == std::string_view::npos;
    });
    return out;
}

std::optional<int> read_width(std::string_view text) {
    const auto out = text == "*" ? std::nullopt : leading_integer(text);
    if (out && *out > kWidest) {
        throw Failure{Cause::memory};
    }
    return out ? std::optional{static_cast<int>(*out)} : std::nullopt;
}

struct Width {
    std::optional<int> least;
    std::optional<int> most;
};

Width width_of(std::string_view text) {
    const auto dash = text.find('-');
    return {
        read_width(text.substr(0, dash)),
        dash == std::string_view::npos ? std::nullopt : read_width(text.substr(dash + 1))};
}

DatePart::Names names_of(std::string_view presentation) {
    if (presentation.starts_with('n')) {
        return DatePart::Names::lower;
    }
    if (presentation.starts_with("Nn")) {
        return DatePart::Names::title;
    }
    return presentation.starts_with('N') ? DatePart::Names::upper : DatePart::Names::none;
}

void read_integer(DatePart& out, const std::string& picture, const Width& width) {
    out.integer = read_integer_picture(picture);
    auto& digits = out.integer->mandatory_digits;
    if (width.least && *width.least > 0) {
        digits = std::max(digits, static_cast<std::size_t>(*width.least));
    }
    if (std::string_view{"YMD"}.find(out.component) == std::string_view::npos) {
        return;
    }
    if (width.most) {
        out.digits = *width.most;
        digits = static_cast<std::size_t>(std::max(*width.most, 0));
    } else if (digits + out.integer->optional_digits >= 2) {
        out.digits = static_cast<int>(digits + out.integer->optional_digits);
    }
}

DatePart read_marker(std::string_view text) {
    const auto marker = without_blanks(text);
    DatePart out;
    out.component = marker.empty() ? '\0' : marker[0];
    const auto unknown = [&] {
        const auto length = marker.empty() ? 0 : code_point_length(marker, 0);
        return Failure{"D3132"}.about(json_text(std::string_view{marker}.substr(0, length)));
    };
    if (default_presentation(out.component).empty()) {
        throw unknown();
    }
    const auto comma = marker.rfind(',');
    Width width;
    if (comma != std::string::npos) {
        width = width_of(std::string_view{marker}.substr(comma + 1));
        out.width_most = width.most;
    }
    auto presentation = marker.substr(1, comma == std::string::npos ? comma : comma - 1);
    char modifier = 0;
    if (presentation.empty()) {
        presentation = default_presentation(out.component);
    } else if (presentation.size() > 1 && std::string_view{"atco"}.find(presentation.back()) != std::string_view::npos) {
        modifier = presentation.back();
        presentation.pop_back();
    }
    out.zulu = modifier == 't';
    out.names = names_of(presentation);
    const bool numeric =
        std::string_view{"YMDdFWwXxHhmsf"}.find(out.component) != std::string_view::npos;
    if (out.names == DatePart::Names::none && numeric) {
        read_integer(out, modifier == 0 ? presentation : presentation + ";" + modifier, width);
    }
    if (out.component == 'Z' || out.component == 'z') {
        out.integer = read_integer_picture(presentation);
    }
    return out;
}

}  // namespace

std::vector<DatePart> read_date_picture(std::string_view picture) {
    std::vector<DatePart> out;
    const auto add_text = [&](std::string_view text) {
        DatePart part;
        for (std::size_t at = 0; at < text.size(); ++at) {
            part.text += text[at];
            at += text.substr(at).starts_with("]]") ? 1U : 0U;
        }
        if (!part.text.empty()) {
            out.push_back(std::move(part));
        }
    };
    std::size_t start = 0;
    for (auto open = picture.find('['); open != std::string_view::npos;
         open = picture.find('[', start)) {
        add_text(picture.substr(start, open - start));
        if (picture.substr(open).starts_with("[[")) {
            out.push_back({.text = "["});
            start = open + 2;
            continue;
        }
        const auto close = picture.find(']', open);
        if (close == std::string_view::npos) {
            throw Failure{"D3135"};
        }
        out.push_back(read_marker(picture.substr(open + 1, close - open - 1)));
        start = close + 1;
    }
    add_text(picture.substr(start));
    return out;
}

}  // namespace kiln::jsonata

#include "aws/shared_config.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kiln::aws {

namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kProfilePrefix = "profile ";

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(kBlanks);
    if (from == std::string_view::npos) {
        return {};
    }
    return text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

/// A comment after a value needs white space before its sign, so that a secret may hold one.
std::string_view without_comment(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        if ((text[at] == '#' || text[at] == ';') &&
            kBlanks.find(text[at - 1]) != std::string_view::npos) {
            return text.substr(0, at);
        }
    }
    return text;
}

/// Reads one file line by line.
class Reader {
  public:
    explicit Reader(std::string_view name) : name_{name} {}

    void line(std::string_view raw) {
        ++number_;
        const auto text = trimmed(raw);
        if (text.empty() || text.front() == '#' || text.front() == ';') {
            return;
        }
        const bool indented = kBlanks.find(raw.front()) != std::string_view::npos;
        if (!indented && text.front() == '[') {
            title(trimmed(without_comment(text)));
        } else {
            entry(text, indented);
        }
    }

    Sections take() { return std::move(sections_); }

  private:
    [[noreturn]] void refuse(std::string_view what) const {
        // Not the line itself: it may hold a secret.
        throw Error{ErrorKind::invalid, fmt::format("{}:{}: {}", name_, number_, what)};
    }

    void title(std::string_view text) {
        if (text.size() < 3 || text.back() != ']') {
            refuse("a section's title must end with ']'");
        }
        std::string words;
        std::istringstream parts{std::string{text.substr(1, text.size() - 2)}};
        for (std::string word; parts >> word;) {
            words += (words.empty() ? "" : " ") + word;
        }
        section_ = &sections_[words];
        parent_.clear();
    }

    void entry(std::string_view text, bool indented) {
        const auto equals = text.find('=');
        if (section_ == nullptr) {
            refuse("a value stands before the first [section]");
        }
        if (equals == std::string_view::npos || trimmed(text.substr(0, equals)).empty()) {
            refuse("this is no 'name = value'");
        }
        auto key = std::string{trimmed(text.substr(0, equals))};
        const auto value = std::string{trimmed(without_comment(text.substr(equals + 1)))};
        if (indented && !parent_.empty()) {
            key = parent_ + "." + key;
        } else {
            parent_ = value.empty() ? key : "";
        }
        (*section_)[key] = value;
    }

    std::string_view name_;
    int number_ = 0;
    Sections sections_;
    Section* section_ = nullptr;
    std::string parent_;
};

Sections read_file(const std::filesystem::path& path) {
    errno = 0;
    std::ifstream file{path};
    if (!file) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return {};
        }
        throw_errno(fmt::format("open '{}'", path.string()));
    }
    std::ostringstream text;
    text << file.rdbuf();
    return parse_sections(text.str(), path.string());
}

std::filesystem::path file_of(
    const Variables& environment, std::string_view name, std::string_view in_home
) {
    if (const auto named = variable(environment, name)) {
        return *named;
    }
    const auto home = variable(environment, "HOME");
    return home ? std::filesystem::path{*home} / ".aws" / in_home : std::filesystem::path{};
}

}  // namespace

std::optional<std::string> variable(const Variables& from, std::string_view name) {
    const auto found = from.find(name);
    return found == from.end() || found->second.empty() ? std::nullopt
                                                        : std::optional{found->second};
}

Sections parse_sections(std::string_view text, std::string_view name) {
    Reader reader{name};
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (end > 0) {
            reader.line(text.substr(0, end));
        } else {
            reader.line(" ");
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return reader.take();
}

std::optional<Section> SharedFiles::profile(std::string_view name) const {
    std::optional<Section> found;
    const auto take = [&](const Sections& sections, const std::string& title) {
        if (const auto at = sections.find(title); at != sections.end()) {
            found = found ? found : Section{};
            for (const auto& [key, value] : at->second) {
                (*found)[key] = value;
            }
        }
    };
    if (name == "default") {
        take(config, "default");
    }
    take(config, std::string{kProfilePrefix} + std::string{name});
    take(credentials, std::string{name});
    return found;
}

std::vector<std::string> SharedFiles::profile_names() const {
    std::set<std::string> names;
    for (const auto& [title, section] : config) {
        if (title == "default") {
            names.insert(title);
        } else if (title.starts_with(kProfilePrefix)) {
            names.insert(title.substr(kProfilePrefix.size()));
        }
    }
    for (const auto& [title, section] : credentials) {
        names.insert(title);
    }
    return {names.begin(), names.end()};
}

SharedFiles read_shared_files(const Variables& environment) {
    SharedFiles files;
    files.config_path = file_of(environment, "AWS_CONFIG_FILE", "config");
    files.credentials_path = file_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    files.config = files.config_path.empty() ? Sections{} : read_file(files.config_path);
    files.credentials =
        files.credentials_path.empty() ? Sections{} : read_file(files.credentials_path);
    return files;
}

std::string profile_name(const Variables& environment) {
    return variable(environment, "AWS_PROFILE").value_or("default");
}

Section active_profile(const Variables& environment, const SharedFiles& files) {
    const auto name = profile_name(environment);
    auto profile = files.profile(name);
    if (profile || !variable(environment, "AWS_PROFILE")) {
        return profile.value_or(Section{});
    }
    const auto known = files.profile_names();
    throw Error{
        ErrorKind::not_found,
        fmt::format(
            "AWS_PROFILE names '{}', which is neither in '{}' nor in '{}'",
            name,
            files.config_path.string(),
            files.credentials_path.string()
        )}
        .hint(
            known.empty() ? "there are no profiles"
                          : fmt::format("profiles: {}", fmt::join(known, ", "))
        );
}

}  // namespace kiln::aws

#pragma once

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kiln {

/// One setting, declared once: what is read, checked, shown and documented of it comes from here.
struct Setting {
    enum class Type { text, path, whole, duration, size, choice };
    enum class Secret { no, yes };

    std::string name;  ///< its path in the file, `bake.concurrency`
    Type type = Type::text;
    std::string fallback;  ///< the default, written as a flag would have it
    std::string help;      ///< one sentence for the reference
    std::vector<std::string> choices = {};
    std::int64_t low = 0;  ///< of a whole number
    std::int64_t high = 0;
    Secret secret = Secret::no;
    std::string fallback_shown =
        {};  ///< what the reference says of a default that the host decides
    /// What is wrong with a value of the right type; nullopt when it is good.
    std::function<std::optional<std::string>(const std::string&)> check = {};
};

/// `KILN_BAKE_CONCURRENCY` for `bake.concurrency`.
[[nodiscard]] std::string environment_name(const Setting& setting);

/// Where values may come from, in rising order of force.
struct SettingSources {
    struct File {
        std::filesystem::path path;
        std::string text;  ///< TOML
    };

    std::optional<File> file;
    /// The whole environment: names that do not start with `KILN_` are passed over.
    std::vector<std::pair<std::string, std::string>> environment;
    /// Variables of ours that are no settings; a trailing `*` stands for any end.
    std::vector<std::string> other_variables;
    std::vector<std::string> flags;  ///< `NAME=VALUE` each, the last of a name decides
};

/// The values in force, with where each came from.
class Settings {
  public:
    /// @throws Error  invalid: every unknown name and bad value, with its place (`kiln.toml:3`,
    ///                `KILN_BAKE_CONCURRENCY`, `--set bake.concurrency`) and a suggestion
    static Settings resolve(std::vector<Setting> declared, const SettingSources& sources);

    /// Of a text, path or choice. The name and type are the program's own: a wrong one aborts.
    [[nodiscard]] const std::string& text(std::string_view name) const;
    [[nodiscard]] std::int64_t whole(std::string_view name) const;
    [[nodiscard]] Duration duration(std::string_view name) const;
    [[nodiscard]] Bytes size(std::string_view name) const;

    struct Shown {
        std::string name;
        std::string value;   ///< as a flag would have it; a secret that is set reads `********`
        std::string origin;  ///< "default", "kiln.toml:3", "KILN_LOG_LEVEL", "--set log.level"
        json::value json;    ///< seconds, bytes, a number, a string
    };

    /// In the order of declaration.
    [[nodiscard]] std::vector<Shown> shown() const;

  private:
    using Value = std::variant<std::string, std::int64_t, Duration, Bytes>;

    struct Held {
        Setting setting;
        Value value;
        std::string text;
        std::string origin;
    };
    struct Resolver;

    [[nodiscard]] const Held& held(std::string_view name) const;

    std::vector<Held> held_;
};

/// The settings as a page of markdown: a table with name, default, variable and help.
[[nodiscard]] std::string settings_reference(const std::vector<Setting>& declared);

/// A value that stands in a settings file.
struct FileValue {
    std::string name;                    ///< its dotted path
    std::string text;                    ///< as a flag would have it
    std::string place;                   ///< "kiln.toml:3"
    std::optional<std::string> problem;  ///< a value of a shape that no setting has
};

/// Flattens a TOML document. @throws Error  invalid: not TOML, with file, line and column
[[nodiscard]] std::vector<FileValue> read_settings_file(const SettingSources::File& file);

}  // namespace kiln

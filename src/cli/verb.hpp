#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What a verb is: declared as a value, from which parsing, help and completion come.
namespace kiln::cli {

struct Context;

struct Option {
    std::string name;        ///< without its dashes: "share-with"
    std::string value = {};  ///< what stands for its value in the help; "": a flag
    std::string help = {};
    bool repeatable = false;
    char letter = 0;                        ///< short form
    std::vector<std::string> choices = {};  ///< all values there are; empty: any
};

struct Argument {
    enum class Count { one, optional, some, any };  ///< some: 1 or more, any: 0 or more
    std::string name;                               ///< "IMAGE"
    std::string help;
    Count count = Count::one;
};

struct Example {
    std::string command;
    std::string says;
};

/// The values of one command line. Asking for a name that the verb does not declare aborts.
class Arguments {
  public:
    Arguments() = default;

    explicit Arguments(std::set<std::string> known) : known_{std::move(known)} {}

    void add(const std::string& name, std::string value);

    [[nodiscard]] bool has(std::string_view name) const;
    /// The last value given.
    [[nodiscard]] std::optional<std::string> one(std::string_view name) const;
    [[nodiscard]] std::string one_or(std::string_view name, std::string_view fallback) const;
    [[nodiscard]] const std::vector<std::string>& all(std::string_view name) const;

  private:
    std::set<std::string> known_;
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// What a verb needs of the process before any thread starts.
enum class Needs {
    nothing,  ///< no store, no home folder
    store,    ///< reads what is known
    upkeep,   ///< removes what dead processes left, as its own work
    changes,  ///< makes or removes things: what dead processes left is swept first
    mounts,   ///< the same, and mounts: in a mount namespace of its own
};

struct Verb {
    std::string path;     ///< "image list"
    std::string summary;  ///< one line for the list of verbs
    std::string text;     ///< what the help says besides; paragraphs, unwrapped
    std::vector<Argument> arguments = {};
    std::vector<Option> options = {};
    std::vector<Example> examples = {};
    Needs needs = Needs::store;
    /// @returns the exit code
    std::function<int(Context&)> run;
    bool hidden = false;  ///< for kiln itself; not in help
    bool json = true;     ///< has --json
};

/// A first word with several verbs below it: "image".
struct Group {
    std::string name;
    std::string summary;
};

/// Options that every verb has.
[[nodiscard]] const std::vector<Option>& global_options();
[[nodiscard]] const Option& json_option();

}  // namespace kiln::cli

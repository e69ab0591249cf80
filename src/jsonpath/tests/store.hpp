#pragma once

#include "jsonpath/error.hpp"
#include "jsonpath/world.hpp"

#include <map>
#include <string>

namespace kiln::jsonpath {

/// A world without chance: the same bits each time, one UUID.
class StillWorld : public World {
  public:
    std::uint64_t random_bits() override { return bits; }

    std::string uuid() override { return "00000000-0000-4000-8000-000000000001"; }

    std::uint64_t bits = 42;
};

/// Documents by the text of their root: "$", "$$", "$name".
class Documents {
  public:
    explicit Documents(std::map<std::string, json::value> values) : values_{std::move(values)} {}

    [[nodiscard]] Resolver resolver() const {
        return [this](const Root& root) -> const json::value* {
            const auto name = root.kind == RootKind::context ? "$$" : "$" + root.variable;
            const auto found = values_.find(name);
            return found == values_.end() ? nullptr : &found->second;
        };
    }

  private:
    std::map<std::string, json::value> values_;
};

}  // namespace kiln::jsonpath

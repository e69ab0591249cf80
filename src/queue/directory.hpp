#pragma once

#include "base/guarded.hpp"
#include "queue/engine.hpp"

#include <map>
#include <string>

namespace kiln::queue {

/// The durable definitions, for every thread to read.
class Directory {
  public:
    void put(DefinitionPtr definition);
    void remove(const std::string& name);

    [[nodiscard]] DefinitionPtr find(std::string_view name) const;
    [[nodiscard]] NamePage list(
        std::string_view prefix, std::string_view after, std::size_t at_most
    ) const;
    [[nodiscard]] NamePage dead_letter_sources(
        std::string_view queue, std::string_view after, std::size_t at_most
    ) const;

  private:
    using Definitions = std::map<std::string, DefinitionPtr, std::less<>>;

    mutable Guarded<Definitions> definitions_;
};

}  // namespace kiln::queue

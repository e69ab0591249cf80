#pragma once

#include "notify/event.hpp"
#include "template/template.hpp"

#include <map>
#include <string>
#include <string_view>

namespace kiln::notify {

enum class Markup {
    plain,
    slack,  ///< mrkdwn; what stands in values is escaped, so that none of it is a mention or a link
};

/// What texts may ask for: Kind Site Env Queue Role Build Instance Work Name Link Error Time, and
/// Where and Why, which are "" or begin with a blank: " (site=org env=prod)", " (no capacity)".
/// Pure.
[[nodiscard]] templates::Values text_values(const Event& event, Markup markup);

/// A text for each kind of event and each markup.
class Texts {
  public:
    /// kiln's own.
    Texts();

    /// kiln's own, but for those of a document {"KIND": {"plain": "…", "slack": "…"}}.
    /// @throws Error  invalid: all that is wrong with it: kinds, templates, names
    [[nodiscard]] static Texts parse(std::string_view document);

    /// Pure.
    [[nodiscard]] std::string render(const Event& event, Markup markup) const;

  private:
    std::map<std::pair<Kind, Markup>, templates::Template> texts_;
};

}  // namespace kiln::notify

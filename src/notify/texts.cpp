#include "notify/texts.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace kiln::notify {

namespace {

struct Default {
    Kind kind;
    std::string_view plain, slack;
};

/// Slack's are those that people of the predecessors know.
constexpr std::array kDefaults{
    Default{
        Kind::instance_started,
        "Started instance {{.Instance}} for instance build {{.Build}}{{.Where}}",
        "Started instance `{{.Instance}}` for instance build *{{.Build}}*{{.Where}}"},
    Default{
        Kind::instance_finished,
        "Finished starting instance {{.Instance}} for instance build {{.Build}}{{.Where}}",
        "Finished starting instance `{{.Instance}}` for instance build *{{.Build}}*{{.Where}}"},
    Default{
        Kind::instance_terminating,
        "Terminating {{.Instance}}{{.Where}}",
        "Terminating *{{.Instance}}* :boom:{{.Where}}"},
    Default{
        Kind::instance_failed,
        "Failed to start instances for instance build {{.Build}}{{.Why}}{{.Where}}",
        "Failed to start instances for instance build *{{.Build}}* :scream_cat:{{.Why}}"
        "{{.Where}}"},
    Default{
        Kind::instance_failed_to_terminate,
        "Failed to terminate {{.Instance}}{{.Why}}{{.Where}}",
        "Failed to terminate *{{.Instance}}* :scream_cat:{{.Why}}{{.Where}}"},
    Default{
        Kind::instance_in_service,
        "Instance {{.Instance}} is in service{{.Where}}",
        "Instance `{{.Instance}}` is in service :arrow_up:{{.Where}}"},
    Default{
        Kind::instance_out_of_service,
        "Instance {{.Instance}} is out of service{{.Where}}",
        "Instance `{{.Instance}}` is out of service :arrow_down:{{.Where}}"},
    Default{
        Kind::work_started,
        "Started {{.Work}} {{.Name}}{{.Where}}",
        "Started {{.Work}} *{{.Name}}*{{.Where}}"},
    Default{
        Kind::work_succeeded,
        "Finished {{.Work}} {{.Name}}{{.Where}}",
        "Finished {{.Work}} *{{.Name}}* :white_check_mark:{{.Where}}"},
    Default{
        Kind::work_failed,
        "Failed: {{.Work}} {{.Name}}{{.Why}}{{.Where}}",
        "Failed: {{.Work}} *{{.Name}}* :scream_cat:{{.Why}}{{.Where}}"},
    Default{
        Kind::test,
        "A test: kiln's notifications come through",
        "A test: kiln's notifications come through :bell:"}};

/// Slack's three control characters; its own rule for texts from elsewhere.
std::string escaped(const std::string& text, Markup markup) {
    if (markup == Markup::plain) {
        return text;
    }
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string where(const Event& event, Markup markup) {
    const std::array<std::pair<std::string_view, const std::string*>, 4> parts{{
        {"site", &event.site},
        {"env", &event.env},
        {"queue", &event.queue},
        {"role", &event.role},
    }};
    std::string text;
    for (const auto& [name, value] : parts) {
        if (!value->empty()) {
            const auto* form = markup == Markup::slack ? "{}{}=*{}*" : "{}{}={}";
            text += fmt::format(
                fmt::runtime(form), text.empty() ? "" : " ", name, escaped(*value, markup)
            );
        }
    }
    if (text.empty()) {
        return text;
    }
    return fmt::format(fmt::runtime(markup == Markup::slack ? " _({})_" : " ({})"), text);
}

std::string why(const Event& event, Markup markup) {
    return event.error.empty() ? ""
                               : fmt::format(
                                     fmt::runtime(markup == Markup::slack ? " _({})_" : " ({})"),
                                     escaped(event.error, markup)
                                 );
}

/// Collects what is wrong with one text of a document.
std::optional<templates::Template> read_text(
    const std::string& text, const std::string& where, std::vector<Problem>& problems
) {
    try {
        auto read = templates::Template::parse(text);
        (void)read.render(text_values({}, Markup::plain));
        return read;
    } catch (const Error& error) {
        for (const auto& problem : error.problems()) {
            problems.push_back({where, problem.where + ": " + problem.what});
        }
        return std::nullopt;
    }
}

std::optional<Kind> kind_of(const std::string& word, std::vector<Problem>& problems) {
    try {
        return parse_kind(word);
    } catch (const Error& error) {
        problems.push_back({word, error.message()});
        return std::nullopt;
    }
}

}  // namespace

templates::Values text_values(const Event& event, Markup markup) {
    const auto value = [&](const std::string& text) { return escaped(text, markup); };
    return {
        {"Kind", std::string{to_string(event.kind)}},
        {"Site", value(event.site)},
        {"Env", value(event.env)},
        {"Queue", value(event.queue)},
        {"Role", value(event.role)},
        {"Build", value(event.build)},
        {"Instance", value(event.instance)},
        {"Work", value(event.work)},
        {"Name", value(event.name)},
        {"Link", value(event.link)},
        {"Error", value(event.error)},
        {"Time", format_time(event.time)},
        {"Where", where(event, markup)},
        {"Why", why(event, markup)}};
}

Texts::Texts() {
    for (const auto& each : kDefaults) {
        texts_.emplace(std::pair{each.kind, Markup::plain}, templates::Template::parse(each.plain));
        texts_.emplace(std::pair{each.kind, Markup::slack}, templates::Template::parse(each.slack));
    }
}

Texts Texts::parse(std::string_view document) {
    const auto all = parse_json(document);
    std::vector<Problem> problems;
    Texts texts;
    if (!all.is_object()) {
        throw Error{ErrorKind::invalid, "the texts of notifications are not a JSON object"};
    }
    for (const auto& [word, of_kind] : all.as_object()) {
        const auto kind = kind_of(std::string{word}, problems);
        ObjectReader reader{of_kind, std::string{word}, problems};
        for (const auto& [key, markup] :
             {std::pair{"plain", Markup::plain}, std::pair{"slack", Markup::slack}}) {
            const auto text = reader.string(key);
            auto read = text ? read_text(*text, reader.path(key), problems) : std::nullopt;
            if (kind && read) {
                texts.texts_.insert_or_assign({*kind, markup}, std::move(*read));
            }
        }
        reader.finish();
    }
    if (!problems.empty()) {
        throw Error{"the texts of notifications are wrong", std::move(problems)};
    }
    return texts;
}

std::string Texts::render(const Event& event, Markup markup) const {
    return texts_.at({event.kind, markup}).render(text_values(event, markup));
}

}  // namespace kiln::notify

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/suggest.hpp"
#include "release/plan.hpp"
#include "template/template.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::release {

namespace {

using Need = ObjectReader::Need;

constexpr std::size_t kDigestDigits = 64;
constexpr std::int64_t kMostWorkers = 1'000;
constexpr std::int64_t kMostAttempts = 20;
constexpr double kLargestFactor = 10;

/// One word of a few. @returns  its place among them
std::optional<std::size_t> one_of(
    ObjectReader& reader, std::string_view key, const std::vector<std::string>& words
) {
    const auto text = reader.string(key);
    if (!text) {
        return std::nullopt;
    }
    const auto found = std::ranges::find(words, *text);
    if (found == words.end()) {
        reader.complain(
            key,
            fmt::format(
                "\"{}\" is none of {}{}", *text, fmt::join(words, ", "), did_you_mean(*text, words)
            )
        );
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - words.begin());
}

void read_seconds(ObjectReader& reader, std::string_view key, std::chrono::seconds& into) {
    const auto text = reader.string(key);
    if (!text) {
        return;
    }
    try {
        const auto duration = parse_duration(*text);
        if (duration < std::chrono::seconds{1} || duration > std::chrono::days{365} ||
            duration % std::chrono::seconds{1} != Duration{0}) {
            reader.complain(key, "must be whole seconds, from 1s to 365d");
            return;
        }
        into = std::chrono::duration_cast<std::chrono::seconds>(duration);
    } catch (const Error& error) {
        reader.complain(key, error.message());
    }
}

bool is_variable(std::string_view name) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return !name.empty() && name.find_first_not_of(kLetters) == std::string_view::npos &&
           !(name.front() >= '0' && name.front() <= '9');
}

void check_template(ObjectReader& reader, const std::string& key, const std::string& text) {
    try {
        static_cast<void>(templates::Template::parse(text));
    } catch (const Error& error) {
        reader.complain(key, error.message());
    }
}

Templates read_templates(ObjectReader& reader, const std::string& key) {
    auto read = reader.string_map(key);
    if (!read) {
        return {};
    }
    for (const auto& [name, text] : *read) {
        if (!is_variable(name)) {
            reader.complain(
                key + "." + name,
                fmt::format("\"{}\" is no variable's name: letters, digits and _", name)
            );
        }
        check_template(reader, key + "." + name, text);
    }
    return *std::move(read);
}

std::optional<VersionPattern> read_pattern(ObjectReader& reader, std::string_view key) {
    const auto text = reader.string(key);
    if (!text) {
        return std::nullopt;
    }
    try {
        return VersionPattern::parse(*text);
    } catch (const Error& error) {
        reader.complain(key, error.message());
        return std::nullopt;
    }
}

bool is_url(std::string_view text) {
    return text.starts_with("https://") || text.starts_with("http://") || text.starts_with("s3://");
}

/// What a machine can fetch, or has.
std::string read_script(ObjectReader& reader, std::string_view key, Need need) {
    auto text = reader.string(key, need).value_or("");
    const bool good = is_url(text) || text.starts_with('/') || text.empty();
    if (!good) {
        reader.complain(
            key,
            fmt::format(
                "\"{}\" is read on the worker's machine: give an http, https or s3 URL, or an "
                "absolute path there",
                text
            )
        );
    }
    return text;
}

std::string read_digest(ObjectReader& reader, std::string_view key) {
    auto text = reader.string(key).value_or("");
    const bool hex = text.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!text.empty() && (!hex || text.size() != kDigestDigits)) {
        reader.complain(key, "must be 64 lower-case hexadecimal digits");
    }
    return text;
}

Retry read_retry(const json::value& part, std::string where, std::vector<Problem>& problems) {
    Retry retry;
    ObjectReader reader{part, std::move(where), problems};
    retry.attempts = reader.integer("attempts", 0, kMostAttempts).value_or(retry.attempts);
    read_seconds(reader, "wait", retry.wait);
    if (const auto* factor = reader.value("factor")) {
        const bool number = factor->is_number();
        retry.factor = number ? factor->to_number<double>() : 0;
        if (!(retry.factor >= 1) || retry.factor > kLargestFactor) {
            reader.complain("factor", "must be a number from 1 to 10");
        }
    }
    reader.finish();
    return retry;
}

void read_statuses(ObjectReader& reader, ShouldRun& should) {
    const auto* list = reader.array("statuses");
    if (list == nullptr) {
        return;
    }
    constexpr std::int64_t kLowest = 100;
    constexpr std::int64_t kHighest = 599;
    should.statuses.clear();
    for (const auto& item : *list) {
        if (!item.is_int64() || item.get_int64() < kLowest || item.get_int64() > kHighest) {
            reader.complain("statuses", "must be statuses of HTTP, 100 to 599");
            continue;
        }
        should.statuses.push_back(item.get_int64());
    }
    if (should.http.empty()) {
        reader.complain("statuses", "belongs to http, which is not there");
    }
}

ShouldRun read_should_run(
    const json::value& part, std::string where, std::vector<Problem>& problems
) {
    ShouldRun should;
    const auto path = where;
    ObjectReader reader{part, std::move(where), problems};
    should.command = reader.string("command").value_or("");
    should.missing = reader.string("missing").value_or("");
    should.http = reader.string("http").value_or("");
    should.changed = reader.strings("changed").value_or(std::vector<std::string>{});
    read_statuses(reader, should);
    for (const auto& [key, text] :
         {std::pair{"missing", &should.missing}, std::pair{"http", &should.http}}) {
        check_template(reader, key, *text);
    }
    if (!should.missing.empty() && !is_url(should.missing) &&
        !should.missing.starts_with("file:///")) {
        reader.complain("missing", "must be a URL that begins with s3, file, http or https");
    }
    if (!should.http.empty() && !should.http.starts_with("http")) {
        reader.complain("http", "must be a URL that begins with http or https");
    }
    reader.finish();
    const auto count = int{!should.command.empty()} + int{!should.missing.empty()} +
                       int{!should.http.empty()} + int{!should.changed.empty()};
    if (part.is_object() && count != 1) {
        problems.push_back({path, "has one of command, missing, http and changed"});
    }
    return should;
}

void check_worker_duration(ObjectReader& reader, std::string_view key) {
    std::chrono::seconds ignored{};
    read_seconds(reader, key, ignored);
}

/// The keys of a fleet's specification (src/fleet), without what the step says by itself.
json::object read_worker(
    const json::value& part, std::string where, std::vector<Problem>& problems
) {
    ObjectReader reader{part, std::move(where), problems};
    for (const auto* key : {"type", "zone", "key_name"}) {
        static_cast<void>(reader.string(key));
    }
    static_cast<void>(reader.string("image", Need::required));
    static_cast<void>(reader.integer("max_workers", 1, kMostWorkers));
    static_cast<void>(reader.integer("most_failures", 1, 100));
    static_cast<void>(reader.strings("security_groups"));
    static_cast<void>(reader.boolean("spot"));
    check_worker_duration(reader, "call_within");
    check_worker_duration(reader, "lifetime");
    if (const auto disk = reader.string("disk")) {
        try {
            static_cast<void>(parse_bytes(*disk));
        } catch (const Error& error) {
            reader.complain("disk", error.message());
        }
    }
    reader.finish();
    return part.is_object() ? part.get_object() : json::object{};
}

void read_machines(ObjectReader& reader, Step& step, std::vector<Problem>& problems) {
    if (const auto* worker = reader.value("worker")) {
        step.worker = read_worker(*worker, reader.path("worker"), problems);
    }
    if (!reader.boolean("only_one_writer").value_or(false)) {
        return;
    }
    if (step.worker.empty()) {
        reader.complain("only_one_writer", "needs `worker`: it limits how many are started");
    } else if (step.worker.contains("max_workers")) {
        reader.complain("only_one_writer", "is max_workers = 1: leave one of them out");
    } else {
        step.worker["max_workers"] = 1;
    }
}

Distro read_distro(const json::value& part, std::string where, std::vector<Problem>& problems) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-";
    Distro distro;
    ObjectReader reader{part, std::move(where), problems};
    distro.name = reader.string("name", Need::required).value_or("");
    if (distro.name.find_first_not_of(kLetters) != std::string::npos) {
        reader.complain("name", "must be of letters, digits and . _ + -");
    }
    distro.image = reader.string("image").value_or("");
    distro.versions = reader.strings("versions").value_or(std::vector<std::string>{});
    reader.finish();
    return distro;
}

}  // namespace

Versions read_versions(const json::value& part, std::string where, std::vector<Problem>& problems) {
    Versions versions;
    ObjectReader reader{part, std::move(where), problems};
    if (auto pattern = read_pattern(reader, "release")) {
        versions.release = *std::move(pattern);
    }
    versions.nightly = read_pattern(reader, "nightly");
    versions.release_variables = read_templates(reader, "release_variables");
    versions.nightly_variables = read_templates(reader, "nightly_variables");
    versions.variables = read_templates(reader, "variables");
    if (!versions.nightly && !versions.nightly_variables.empty()) {
        reader.complain("nightly_variables", "there are no nightlies: `nightly` is missing");
    }
    reader.finish();
    return versions;
}

Distros read_distros(const json::value& part, std::string where, std::vector<Problem>& problems) {
    Distros distros;
    ObjectReader reader{part, std::move(where), problems};
    distros.noun = reader.string("noun").value_or(distros.noun);
    if (!is_variable(distros.noun) || distros.noun.size() > 20) {
        reader.complain("noun", "must be a word of up to 20 letters, as \"Distro\"");
    }
    distros.supported = reader.string("supported").value_or("");
    check_template(reader, "supported", distros.supported);
    if (const auto* known = reader.array("known", Need::required)) {
        for (std::size_t i = 0; i < known->size(); ++i) {
            distros.known.push_back(
                read_distro((*known)[i], fmt::format("{}[{}]", reader.path("known"), i), problems)
            );
        }
    }
    reader.finish();
    return distros;
}

Step read_step(const json::value& part, std::string where, std::vector<Problem>& problems) {
    Step step;
    ObjectReader reader{part, std::move(where), problems};
    step.name = reader.string("name", Need::required).value_or("");
    if (const auto per = one_of(reader, "per", {"run", "version", "distro"})) {
        step.per = static_cast<Per>(*per);
    }
    step.after = reader.strings("after").value_or(std::vector<std::string>{});
    if (const auto needs = one_of(reader, "needs", {"all", "any"})) {
        step.needs = static_cast<Needs>(*needs);
    }
    if (const auto only = one_of(reader, "only_for", {"all", "releases", "nightlies"})) {
        step.only_for = static_cast<OnlyFor>(*only);
    }
    step.script = read_script(reader, "script", Need::required);
    step.init = read_script(reader, "init", Need::optional);
    step.script_sha256 = read_digest(reader, "script_sha256");
    step.init_sha256 = read_digest(reader, "init_sha256");
    step.environment = read_templates(reader, "environment");
    read_seconds(reader, "timeout", step.timeout);
    read_seconds(reader, "heartbeat", step.heartbeat);
    if (step.heartbeat >= step.timeout) {
        reader.complain("heartbeat", "must be shorter than the timeout");
    }
    if (const auto* retry = reader.value("retry")) {
        step.retry = read_retry(*retry, reader.path("retry"), problems);
    }
    if (const auto* should = reader.value("should_run")) {
        step.should_run = read_should_run(*should, reader.path("should_run"), problems);
    }
    step.test = reader.boolean("test").value_or(false);
    step.test_environment = read_templates(reader, "test_environment");
    read_machines(reader, step, problems);
    reader.finish();
    return step;
}

Plan parse_plan(const Document& document) {
    std::vector<Problem> problems;
    Plan plan;
    ObjectReader reader{document.value, "", problems};
    plan.name = reader.string("name", Need::required).value_or("");
    if (const auto* versions = reader.value("versions")) {
        plan.versions = read_versions(*versions, "versions", problems);
    }
    if (const auto* distros = reader.value("distros")) {
        plan.distros = read_distros(*distros, "distros", problems);
    }
    plan.environment = read_templates(reader, "environment");
    if (const auto* steps = reader.array("steps", Need::required)) {
        for (std::size_t i = 0; i < steps->size(); ++i) {
            plan.steps.push_back(read_step((*steps)[i], fmt::format("steps[{}]", i), problems));
        }
    }
    reader.finish();
    for (auto& problem : plan_problems(plan)) {
        problems.push_back(std::move(problem));
    }
    if (!problems.empty()) {
        throw Error{"the plan has faults", document.placed(std::move(problems))};
    }
    return plan;
}

}  // namespace kiln::release

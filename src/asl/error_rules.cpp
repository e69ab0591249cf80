#include "asl/settings.hpp"
#include "asl/state_reader.hpp"

#include <algorithm>
#include <limits>

namespace kiln::asl {

namespace {

constexpr std::int64_t kMost = 99'999'999;
constexpr std::int64_t kLongestDelay = 31'622'400;  // a leap year
constexpr std::string_view kAllErrors = "States.ALL";

std::vector<std::string> read_errors(const Fields& fields, bool last) {
    std::vector<std::string> errors;
    const auto* const names = fields.filled_array("ErrorEquals");
    if (names == nullptr) {
        return errors;
    }
    for (std::size_t i = 0; i < names->size(); ++i) {
        if (const auto* const name = (*names)[i].if_string()) {
            errors.emplace_back(*name);
        } else {
            fields.report().schema("Expected value of type [STRING]", fields.at("ErrorEquals", i));
        }
    }
    const auto all = std::find(errors.begin(), errors.end(), kAllErrors) != errors.end();
    if (all && (errors.size() > 1 || !last)) {
        fields.report().schema(
            "States.ALL must appear alone and at end of list", fields.at("ErrorEquals")
        );
    }
    return errors;
}

Retrier read_retrier(const Fields& fields, bool last) {
    fields.require({"ErrorEquals"});
    fields.only(
        {"ErrorEquals",
         "IntervalSeconds",
         "MaxAttempts",
         "BackoffRate",
         "MaxDelaySeconds",
         "JitterStrategy"}
    );
    Retrier retrier;
    retrier.error_equals = read_errors(fields, last);
    retrier.interval_seconds =
        fields.integer("IntervalSeconds", 0, kMost).value_or(retrier.interval_seconds);
    retrier.max_attempts = fields.integer("MaxAttempts", 0, kMost).value_or(retrier.max_attempts);
    retrier.backoff_rate = fields.number("BackoffRate", 1.0, 0.0).value_or(retrier.backoff_rate);
    retrier.max_delay_seconds = fields.integer("MaxDelaySeconds", 1, kLongestDelay);
    retrier.jitter =
        fields.one_of("JitterStrategy", {"NONE", "FULL"}) == "FULL" ? Jitter::full : Jitter::none;
    return retrier;
}

Catcher read_catcher(
    const Fields& fields, bool last, QueryLanguage language, StateContext& context
) {
    const auto jsonata = language == QueryLanguage::jsonata;
    const Readable readable{.error_output = true};
    fields.require({"ErrorEquals", "Next"});
    fields.only({"ErrorEquals", "Next", "Assign", jsonata ? "Output" : "ResultPath"});
    Catcher catcher;
    catcher.error_equals = read_errors(fields, last);
    catcher.next = context.targets.read(fields, "Next");
    if (jsonata) {
        catcher.output = jsonata_setting(fields, "Output", readable);
    } else {
        catcher.result_path = read_result_path(fields);
    }
    catcher.assign = read_assign(fields, language, readable, context.group);
    return catcher;
}

/// Calls `read` with each object of an array, and whether it is the last.
template <class Read>
void each_rule(const Fields& fields, std::string_view key, const Read& read) {
    const auto* const rules = fields.array(key);
    if (rules == nullptr) {
        return;
    }
    for (std::size_t i = 0; i < rules->size(); ++i) {
        const auto where = fields.at(key, i);
        if (const auto* const rule = (*rules)[i].if_object()) {
            read(Fields{fields.session(), *rule, where}, i + 1 == rules->size());
        } else {
            fields.report().schema("Expected value of type [OBJECT]", where);
        }
    }
}

}  // namespace

std::vector<Retrier> read_retriers(const Fields& fields) {
    std::vector<Retrier> retriers;
    each_rule(fields, "Retry", [&](const Fields& rule, bool last) {
        retriers.push_back(read_retrier(rule, last));
    });
    return retriers;
}

std::vector<Catcher> read_catchers(
    const Fields& fields, QueryLanguage language, StateContext& context
) {
    std::vector<Catcher> catchers;
    each_rule(fields, "Catch", [&](const Fields& rule, bool last) {
        catchers.push_back(read_catcher(rule, last, language, context));
    });
    return catchers;
}

}  // namespace kiln::asl

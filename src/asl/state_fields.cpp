#include "asl/state_fields.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr unsigned bit(StateType type) noexcept {
    return 1U << static_cast<unsigned>(type);
}

constexpr unsigned kPass = bit(StateType::pass);
constexpr unsigned kTask = bit(StateType::task);
constexpr unsigned kChoice = bit(StateType::choice);
constexpr unsigned kWait = bit(StateType::wait);
constexpr unsigned kSucceed = bit(StateType::succeed);
constexpr unsigned kFail = bit(StateType::fail);
constexpr unsigned kParallel = bit(StateType::parallel);
constexpr unsigned kMap = bit(StateType::map);
constexpr unsigned kWork = kTask | kParallel | kMap;
constexpr unsigned kMoving = kWork | kPass | kWait;
constexpr unsigned kAll = 0xFFU;

enum class In { both, jsonpath, jsonata };

struct Field {
    std::string_view name;
    unsigned types;
    In language = In::both;
};

// Source: the specification's tables of state types and fields, and what AWS accepts.
constexpr auto kFields = std::to_array<Field>({
    {"Type", kAll},
    {"Comment", kAll},
    {"QueryLanguage", kAll},
    {"Next", kMoving},
    {"End", kMoving},
    {"InputPath", kAll & ~kFail, In::jsonpath},
    {"OutputPath", kAll & ~kFail, In::jsonpath},
    {"Parameters", kWork | kPass, In::jsonpath},
    {"ResultPath", kWork | kPass, In::jsonpath},
    {"ResultSelector", kWork, In::jsonpath},
    {"Result", kPass, In::jsonpath},
    {"Arguments", kTask | kParallel, In::jsonata},
    {"Output", kAll & ~kFail, In::jsonata},
    {"Assign", kMoving | kChoice},
    {"Retry", kWork},
    {"Catch", kWork},
    {"Resource", kTask},
    {"Credentials", kTask},
    {"TimeoutSeconds", kTask},
    {"TimeoutSecondsPath", kTask, In::jsonpath},
    {"HeartbeatSeconds", kTask},
    {"HeartbeatSecondsPath", kTask, In::jsonpath},
    {"Choices", kChoice},
    {"Default", kChoice},
    {"Seconds", kWait},
    {"SecondsPath", kWait, In::jsonpath},
    {"Timestamp", kWait},
    {"TimestampPath", kWait, In::jsonpath},
    {"Error", kFail},
    {"ErrorPath", kFail, In::jsonpath},
    {"Cause", kFail},
    {"CausePath", kFail, In::jsonpath},
    {"Branches", kParallel},
    {"ItemProcessor", kMap},
    {"Iterator", kMap},
    {"Items", kMap, In::jsonata},
    {"ItemsPath", kMap, In::jsonpath},
    {"ItemSelector", kMap},
    {"ItemReader", kMap},
    {"ItemBatcher", kMap},
    {"ResultWriter", kMap},
    {"MaxConcurrency", kMap},
    {"MaxConcurrencyPath", kMap, In::jsonpath},
    {"ToleratedFailureCount", kMap},
    {"ToleratedFailureCountPath", kMap, In::jsonpath},
    {"ToleratedFailurePercentage", kMap},
    {"ToleratedFailurePercentagePath", kMap, In::jsonpath},
    {"Label", kMap},
});

constexpr std::array<std::string_view, 8> kTypes{
    "Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"};

}  // namespace

std::string_view to_string(StateType type) noexcept {
    return kTypes.at(static_cast<std::size_t>(type));
}

std::optional<StateType> state_type(std::string_view name) noexcept {
    const auto* const found = std::find(kTypes.begin(), kTypes.end(), name);
    return found == kTypes.end() ? std::nullopt
                                 : std::optional{static_cast<StateType>(found - kTypes.begin())};
}

void check_state_fields(
    const Fields& fields, StateType type, QueryLanguage language, bool downgraded
) {
    for (const auto& member : fields.object()) {
        const std::string_view key = member.key();
        const auto* const known = std::find_if(
            kFields.begin(), kFields.end(), [&](const auto& each) { return each.name == key; }
        );
        if (known == kFields.end() || (known->types & bit(type)) == 0U) {
            fields.report().schema(fmt::format("Field '{}' is not supported", key), fields.where());
            continue;
        }
        const auto jsonata = language == QueryLanguage::jsonata;
        if (!downgraded && known->language == (jsonata ? In::jsonpath : In::jsonata)) {
            fields.report().schema(
                fmt::format(
                    "The QueryLanguage is set to '{}', but field '{}' is only supported for the "
                    "'{}' QueryLanguage",
                    jsonata ? "JSONata" : "JSONPath",
                    key,
                    jsonata ? "JSONPath" : "JSONata"
                ),
                fields.where()
            );
        }
    }
}

QueryLanguage read_language(const Fields& fields, QueryLanguage inherited) {
    constexpr std::string_view kKey = "QueryLanguage";
    const auto* const value = fields.find(kKey);
    if (value == nullptr) {
        return inherited;
    }
    const auto text = fields.one_of(kKey, {"JSONPath", "JSONata"});
    return text && *text == "JSONPath" ? QueryLanguage::jsonpath : QueryLanguage::jsonata;
}

}  // namespace kiln::asl

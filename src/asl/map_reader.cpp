#include "asl/arn.hpp"
#include "asl/map_config.hpp"
#include "asl/settings.hpp"
#include "asl/state_reader.hpp"
#include "base/md5.hpp"

#include <array>
#include <limits>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kLongestLabel = 40;

/// ProcessorConfig: is the Map distributed, and how do its children run?
void read_mode(const Fields& processor, bool express, MapFields& map) {
    const auto* const object = processor.object("ProcessorConfig");
    if (object == nullptr) {
        return;
    }
    const Fields config{processor.session(), *object, processor.at("ProcessorConfig")};
    config.only({"Mode", "ExecutionType"});
    const auto mode = config.one_of("Mode", {"INLINE", "DISTRIBUTED"}).value_or("INLINE");
    map.distributed = mode == "DISTRIBUTED";
    if (!map.distributed) {
        if (config.has("ExecutionType")) {
            config.report().schema("Field 'ExecutionType' is not supported", config.where());
        }
        return;
    }
    if (express) {
        config.report().schema(
            "Express state machine does not support 'DISTRIBUTED' mode", config.at("Mode")
        );
    }
    config.require({"ExecutionType"});
    map.child_type = config.one_of("ExecutionType", {"STANDARD", "EXPRESS"}) == "EXPRESS"
                         ? ChildType::express
                         : ChildType::standard;
}

void read_processor(const Fields& fields, const GroupContext& group, MapFields& map) {
    constexpr std::array<std::string_view, 2> kNames{"ItemProcessor", "Iterator"};
    if (!fields.exactly_one(kNames)) {
        return;
    }
    const auto key = fields.has(kNames[0]) ? kNames[0] : kNames[1];
    const auto* const object = fields.object(key);
    if (object == nullptr) {
        return;
    }
    const Fields processor{fields.session(), *object, fields.at(key)};
    read_mode(processor, group.express, map);
    const auto express = map.distributed ? map.child_type == ChildType::express : group.express;
    map.processor =
        read_group(processor, inner_context(group, express, map.distributed), "ProcessorConfig");
}

/// A label of its own for a state without one: always the same, and unique as the state's name is.
std::string made_label(std::string_view state) {
    const auto digest = md5(state);
    return fmt::format(
        "{}-{}-3{}-8{}-{}",
        digest.substr(0, 8),
        digest.substr(8, 4),
        digest.substr(13, 3),
        digest.substr(17, 3),
        digest.substr(20, 12)
    );
}

std::string read_label(const Fields& fields, std::string_view state) {
    constexpr std::string_view kKey = "Label";
    const auto label = fields.string(kKey);
    if (!label) {
        return made_label(state);
    }
    auto& report = fields.report();
    const auto where = fields.at(kKey);
    if (label->empty()) {
        report.error(codes::kLabel, "Invalid Label name: it is empty", where);
    } else if (!is_name(*label, std::numeric_limits<std::size_t>::max())) {
        report.error(
            codes::kLabel,
            fmt::format("Invalid Label name: {} contains invalid characters", *label),
            where
        );
    } else if (!is_name(*label, kLongestLabel)) {
        report.error(
            codes::kLabel,
            fmt::format(
                "Invalid Label name: {} exceeds the 40-character limit allowed by the service",
                *label
            ),
            where
        );
    } else if (!fields.session().labels.insert(*label).second) {
        report.error(
            codes::kDuplicateLabel, fmt::format("Duplicate Label name: {}", *label), where
        );
    }
    return *label;
}

void read_items(const Fields& fields, QueryLanguage language, MapFields& map) {
    if (language == QueryLanguage::jsonpath) {
        fields.at_most_one({"ItemSelector", "Parameters"});
        map.items = reference_setting(fields, "ItemsPath");
        map.item_selector = fields.has("ItemSelector") ? template_setting(fields, "ItemSelector")
                                                       : template_setting(fields, "Parameters");
        return;
    }
    map.item_selector = jsonata_setting(fields, "ItemSelector");
    const auto* const items = fields.find("Items");
    if (items != nullptr && !items->is_array() && !items->is_object() && !items->is_string()) {
        fields.report().schema("Expected value of type [ARRAY]", fields.at("Items"));
        return;
    }
    map.items = jsonata_expression_setting(fields, "Items");
}

/// Fields that only a distributed Map has.
void read_distributed(
    const Fields& fields, std::string_view state, QueryLanguage language, MapFields& map
) {
    map.reader = read_item_reader(fields, language);
    map.batcher = read_item_batcher(fields, language);
    map.writer = read_result_writer(fields, language);
    map.label = read_label(fields, state);
    if (map.distributed) {
        return;
    }
    for (const auto* const key : {"ItemReader", "ItemBatcher", "ResultWriter"}) {
        if (fields.has(key)) {
            fields.report().schema(
                fmt::format("Field '{}' is only supported in 'DISTRIBUTED' mode", key),
                fields.where()
            );
        }
    }
}

}  // namespace

MapFields read_map(
    const Fields& fields, std::string_view name, QueryLanguage language, const GroupContext& group
) {
    MapFields map;
    read_items(fields, language, map);
    map.max_concurrency = integer_setting(
        fields,
        language,
        "MaxConcurrency",
        "MaxConcurrencyPath",
        0,
        kAnyNumber,
        RootRule::no_context
    );
    map.tolerated_count = integer_setting(
        fields,
        language,
        "ToleratedFailureCount",
        "ToleratedFailureCountPath",
        0,
        kAnyNumber,
        RootRule::no_context
    );
    map.tolerated_percentage = percentage_setting(
        fields, language, "ToleratedFailurePercentage", "ToleratedFailurePercentagePath"
    );
    read_processor(fields, group, map);
    read_distributed(fields, name, language, map);
    return map;
}

}  // namespace kiln::asl

#include "asl/map_config.hpp"

#include "asl/integrations.hpp"
#include "asl/settings.hpp"
#include "asl/state_reader.hpp"

#include <limits>

#include <fmt/format.h>

namespace kiln::asl {

namespace {

constexpr std::int64_t kMostItems = 100'000'000;
constexpr std::int64_t kMostBatchBytes = 256 * 1024;
constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int32_t>::max();

/// Parameters, or Arguments; the other one is reported.
std::optional<Setting> read_parameters(const Fields& fields, QueryLanguage language) {
    return language == QueryLanguage::jsonpath ? template_setting(fields, "Parameters")
                                               : jsonata_expression_setting(fields, "Arguments");
}

std::string_view parameters_field(QueryLanguage language) noexcept {
    return language == QueryLanguage::jsonpath ? "Parameters" : "Arguments";
}

/// A field of one query language in an object of the other.
void check_language(const Fields& fields, QueryLanguage language) {
    const auto jsonata = language == QueryLanguage::jsonata;
    const std::string_view foreign = jsonata ? "Parameters" : "Arguments";
    if (fields.has(foreign)) {
        fields.report().schema(
            fmt::format(
                "The QueryLanguage is set to '{}', but field '{}' is only supported for the '{}' "
                "QueryLanguage",
                jsonata ? "JSONata" : "JSONPath",
                foreign,
                jsonata ? "JSONPath" : "JSONata"
            ),
            fields.where()
        );
    }
}

void only_with(const Fields& config, std::string_view key, bool allowed) {
    if (config.has(key) && !allowed) {
        config.report().schema(fmt::format("Field '{}' is not supported", key), config.where());
    }
}

enum class Csv { none, possible, certain };

void check_csv(const Fields& config, Csv csv) {
    for (const auto* const key : {"CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"}) {
        only_with(config, key, csv != Csv::none);
    }
    if (csv == Csv::none) {
        return;
    }
    config.one_of("CSVDelimiter", {"COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"});
    if (csv == Csv::certain && !config.has("CSVHeaderLocation")) {
        config.report().schema("The field 'CSVHeaderLocation' is required", config.where());
        return;
    }
    const auto given = config.one_of("CSVHeaderLocation", {"FIRST_ROW", "GIVEN"}) == "GIVEN";
    if (given) {
        config.require({"CSVHeaders"});
    }
    const auto* const headers = config.filled_array("CSVHeaders");
    for (std::size_t i = 0; headers != nullptr && i < headers->size(); ++i) {
        if (!(*headers)[i].is_string()) {
            config.report().schema("Expected value of type [STRING]", config.at("CSVHeaders", i));
        }
    }
}

/// ReaderConfig. @param lists  the reader lists objects, and reads none
void read_reader_config(
    const Fields& fields, bool lists, QueryLanguage language, ItemReader& reader
) {
    const auto* const object = fields.object("ReaderConfig");
    if (object == nullptr) {
        return;
    }
    const Fields config{fields.session(), *object, fields.at("ReaderConfig")};
    config.only(
        {"InputType",
         "Transformation",
         "ManifestType",
         "CSVDelimiter",
         "CSVHeaderLocation",
         "CSVHeaders",
         "ItemsPointer",
         "MaxItems",
         "MaxItemsPath"}
    );
    const auto type =
        config.one_of("InputType", {"CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"}).value_or("");
    config.one_of("Transformation", {"NONE", "LOAD_AND_FLATTEN"});
    const auto manifest = config.one_of("ManifestType", {"ATHENA_DATA", "S3_INVENTORY"});
    static_cast<void>(config.string("ItemsPointer"));
    // An inventory is CSV, which need not be said. Source: the developer guide's "ItemReader
    // (Map)".
    if (!lists && manifest != "S3_INVENTORY") {
        config.require({"InputType"});
    }
    const bool athena = manifest == "ATHENA_DATA";
    const bool data = type == "CSV" || type == "JSONL" || type == "PARQUET";
    const auto possible = type.empty() || athena;
    check_csv(config, type == "CSV" ? Csv::certain : possible ? Csv::possible : Csv::none);
    only_with(config, "ManifestType", type == "MANIFEST" || type.empty() || (athena && data));
    if (language == QueryLanguage::jsonata) {
        only_with(config, "MaxItemsPath", false);
    }
    reader.max_items = integer_setting(
        config, language, "MaxItems", "MaxItemsPath", 0, kMostItems, RootRule::no_context
    );
    reader.config = *object;
}

}  // namespace

std::optional<ItemReader> read_item_reader(const Fields& map, QueryLanguage language) {
    const auto* const object = map.object("ItemReader");
    if (object == nullptr) {
        return std::nullopt;
    }
    const Fields fields{map.session(), *object, map.at("ItemReader")};
    fields.require({"Resource"});
    check_language(fields, language);
    fields.only({"Resource", "ReaderConfig", "Parameters", "Arguments"});
    ItemReader reader;
    if (auto resource = read_resource(fields)) {
        if (!is_reader_resource(*resource)) {
            fields.report().schema(
                "The field 'Resource' does not match any of the allowed values",
                fields.at("Resource")
            );
        }
        reader.resource = std::move(*resource);
    }
    reader.parameters = read_parameters(fields, language);
    read_reader_config(fields, reader.resource.action == "listObjectsV2", language, reader);
    return reader;
}

std::optional<ItemBatcher> read_item_batcher(const Fields& map, QueryLanguage language) {
    const auto* const object = map.object("ItemBatcher");
    if (object == nullptr) {
        return std::nullopt;
    }
    const Fields fields{map.session(), *object, map.at("ItemBatcher")};
    if (language == QueryLanguage::jsonpath) {
        fields.only(
            {"BatchInput",
             "MaxItemsPerBatch",
             "MaxItemsPerBatchPath",
             "MaxInputBytesPerBatch",
             "MaxInputBytesPerBatchPath"}
        );
    } else {
        fields.only({"BatchInput", "MaxItemsPerBatch", "MaxInputBytesPerBatch"});
    }
    ItemBatcher batcher;
    batcher.max_items = integer_setting(
        fields,
        language,
        "MaxItemsPerBatch",
        "MaxItemsPerBatchPath",
        0,
        kAnyNumber,
        RootRule::no_context
    );
    batcher.max_bytes = integer_setting(
        fields,
        language,
        "MaxInputBytesPerBatch",
        "MaxInputBytesPerBatchPath",
        0,
        kMostBatchBytes,
        RootRule::no_context
    );
    batcher.input = language == QueryLanguage::jsonpath ? template_setting(fields, "BatchInput")
                                                        : jsonata_setting(fields, "BatchInput");
    return batcher;
}

std::optional<ResultWriter> read_result_writer(const Fields& map, QueryLanguage language) {
    const auto* const object = map.object("ResultWriter");
    if (object == nullptr) {
        return std::nullopt;
    }
    const Fields fields{map.session(), *object, map.at("ResultWriter")};
    check_language(fields, language);
    fields.only({"Resource", "WriterConfig", "Parameters", "Arguments"});
    ResultWriter writer;
    writer.resource = read_resource(fields);
    if (writer.resource && !is_writer_resource(*writer.resource)) {
        fields.report().schema(
            "The field 'Resource' does not match any of the allowed values", fields.at("Resource")
        );
    }
    if (fields.has("Resource")) {
        fields.require({parameters_field(language)});
    } else {
        fields.require({"WriterConfig"});
    }
    writer.parameters = read_parameters(fields, language);
    if (const auto* const config = fields.object("WriterConfig")) {
        const Fields options{map.session(), *config, fields.at("WriterConfig")};
        options.only({"Transformation", "OutputType"});
        options.one_of("Transformation", {"NONE", "COMPACT", "FLATTEN"});
        options.one_of("OutputType", {"JSON", "JSONL"});
        writer.config = *config;
    }
    return writer;
}

}  // namespace kiln::asl

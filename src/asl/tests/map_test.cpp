// Rules of Maps.

#include "asl/tests/refusals.hpp"

#include <gmock/gmock.h>

namespace kiln::asl {
namespace {

using testing::errors_of;
using testing::one_jsonata_state;
using testing::one_state;
using testing::Row;
using testing::schema;

class Maps : public ::testing::TestWithParam<Row> {};

TEST_P(Maps, AreRefusedWithEveryFault) {
    const auto parsed = parse_definition(GetParam().definition, {.type = GetParam().type});
    EXPECT_EQ(errors_of(parsed), GetParam().errors);
    EXPECT_EQ(parsed.machine == nullptr, !GetParam().errors.empty());
}

std::string name_of(const ::testing::TestParamInfo<Row>& row) {
    return row.param.name;
}

constexpr auto kInner = R"("StartAt":"B","States":{"B":{"Type":"Succeed"}})";
constexpr auto kMode = R"("ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},)";

std::string fields(const std::string& rest, const std::string& processor) {
    return R"({"Type":"Map","End":true,"ItemProcessor":{)" + processor + kInner + "}" +
           (rest.empty() ? "" : "," + rest) + "}";
}

std::string inline_map(const std::string& rest) {
    return one_state(fields(rest, ""));
}

std::string distributed(const std::string& rest) {
    return one_state(fields(rest, kMode));
}

std::string jsonata(const std::string& rest) {
    return one_jsonata_state(fields(rest, kMode));
}

std::string reader(const std::string& config, const std::string& action = "getObject") {
    return distributed(
        R"("ItemReader":{"Resource":"arn:aws:states:::s3:)" + action +
        R"(","Parameters":{"Bucket":"b"},"ReaderConfig":)" + config + "}"
    );
}

const auto kConfig = std::string{"/States/A/ItemReader/ReaderConfig"};

INSTANTIATE_TEST_SUITE_P(
    All,
    Maps,
    ::testing::Values(
        Row{"NoProcessor",
            one_state(R"({"Type":"Map","End":true})"),
            {schema("This object should have only one of the following fields: [ItemProcessor, "
                    "Iterator] at /States/A")}},
        Row{"TwoProcessors",
            inline_map(std::string{R"("Iterator":{)"} + kInner + "}"),
            {schema("There should only be one of the following fields: [ItemProcessor, Iterator] "
                    "at /States/A")}},
        Row{"ProcessorLanguage",
            one_state(fields("", R"("QueryLanguage":"JSONata",)")),
            {schema("Field 'QueryLanguage' is not supported at /States/A/ItemProcessor")}},
        Row{"NoExecutionType",
            one_state(fields("", R"("ProcessorConfig":{"Mode":"DISTRIBUTED"},)")),
            {schema("These fields are required: [ExecutionType] at "
                    "/States/A/ItemProcessor/ProcessorConfig")}},
        Row{"ExecutionType",
            one_state(fields("", R"("ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"X"},)")
            ),
            {schema("Value should be one of the following: [STANDARD, EXPRESS] at "
                    "/States/A/ItemProcessor/ProcessorConfig/ExecutionType")}},
        Row{"InlineExecutionType",
            one_state(
                fields("", R"("ProcessorConfig":{"Mode":"INLINE","ExecutionType":"STANDARD"},)")
            ),
            {schema(
                "Field 'ExecutionType' is not supported at /States/A/ItemProcessor/ProcessorConfig"
            )}},
        Row{"Mode",
            one_state(fields("", R"("ProcessorConfig":{"Mode":"X"},)")),
            {schema("Value should be one of the following: [INLINE, DISTRIBUTED] at "
                    "/States/A/ItemProcessor/ProcessorConfig/Mode")}},
        Row{"ExpressDistributed",
            distributed(""),
            {schema("Express state machine does not support 'DISTRIBUTED' mode at "
                    "/States/A/ItemProcessor/ProcessorConfig/Mode")},
            MachineType::express},
        Row{"ActivityInExpressChildren",
            one_state(
                R"({"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"B","States":{"B":{"Type":"Task","End":true,"Resource":"arn:aws:states:r:1:activity:a"}}}})"
            ),
            {schema("Express state machine does not support Activity ARN at "
                    "/States/A/ItemProcessor/States/B/Resource")}},
        Row{"EmptyLabel",
            distributed(R"("Label":"")"),
            {"INVALID_LABEL_NAME: Invalid Label name: it is empty at /States/A/Label"}},
        Row{"BadLabel",
            distributed(R"("Label":"a b")"),
            {"INVALID_LABEL_NAME: Invalid Label name: a b contains invalid characters at "
             "/States/A/Label"}},
        Row{"LongLabel",
            distributed(R"("Label":")" + std::string(41, 'l') + "\""),
            {"INVALID_LABEL_NAME: Invalid Label name: " + std::string(41, 'l') +
             " exceeds the 40-character limit allowed by the service at /States/A/Label"}},
        Row{"SameLabel",
            R"({"StartAt":"X","States":{"X":{"Type":"Map","Label":"l","Next":"A","ItemProcessor":{"StartAt":"Y","States":{"Y":{"Type":"Succeed"}}}},"A":)" +
                fields(R"("Label":"l")", kMode) + "}}",
            {"DUPLICATE_LABEL_NAME: Duplicate Label name: l at /States/A/Label"}},
        Row{"Numbers",
            distributed(
                R"("MaxConcurrency":-1,"ToleratedFailureCount":-1,"ToleratedFailurePercentage":-0.5)"
            ),
            {schema("Minimum value is 0 at /States/A/MaxConcurrency"),
             schema("Minimum value is 0 at /States/A/ToleratedFailureCount"),
             schema("Minimum value is 0.0 at /States/A/ToleratedFailurePercentage")}},
        Row{"Percentage",
            distributed(R"("ToleratedFailurePercentage":100.5)"),
            {schema("Maximum value is 100.0 at /States/A/ToleratedFailurePercentage")}},
        Row{"NumberAndPath",
            distributed(R"("MaxConcurrency":1,"MaxConcurrencyPath":"$.a")"),
            {schema("There should only be one of the following fields: [MaxConcurrency, "
                    "MaxConcurrencyPath] at /States/A")}},
        Row{"NumberFromContext",
            distributed(R"("MaxConcurrencyPath":"$$.Execution.Input.n")"),
            {schema("Value is not a Reference Path at /States/A/MaxConcurrencyPath")}},
        Row{"ItemsFromContext", distributed(R"("ItemsPath":"$$.Execution.Input.n")"), {}},
        Row{"ItemsOfMany",
            distributed(R"("ItemsPath":"$.a[*]")"),
            {schema("Value is not a Reference Path at /States/A/ItemsPath")}},
        Row{"TwoSelectors",
            distributed(R"("ItemSelector":{},"Parameters":{})"),
            {schema("There should only be one of the following fields: [ItemSelector, Parameters] "
                    "at /States/A")}},
        Row{"ItemsOfJsonata",
            jsonata(R"("Items":1)"),
            {schema("Expected value of type [ARRAY] at /States/A/Items")}},
        Row{"TextItems",
            jsonata(R"("Items":"x")"),
            {schema("JSONata string must start with {% and end with %} at /States/A/Items")}},
        Row{"PathInJsonata",
            jsonata(R"("MaxConcurrencyPath":"$.a")"),
            {schema("The QueryLanguage is set to 'JSONata', but field 'MaxConcurrencyPath' is only "
                    "supported for the "
                    "'JSONPath' QueryLanguage at /States/A")}},
        Row{"InlineReader",
            inline_map(
                R"("ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{"Bucket":"b"}},"ItemBatcher":{"MaxItemsPerBatch":2},"ResultWriter":{"WriterConfig":{}})"
            ),
            {schema("Field 'ItemReader' is only supported in 'DISTRIBUTED' mode at /States/A"),
             schema("Field 'ItemBatcher' is only supported in 'DISTRIBUTED' mode at /States/A"),
             schema("Field 'ResultWriter' is only supported in 'DISTRIBUTED' mode at /States/A")}},
        Row{"ReaderResource",
            reader(R"({"InputType":"JSON"})", "putObject"),
            {schema("The field 'Resource' does not match any of the allowed values at "
                    "/States/A/ItemReader/Resource")}},
        Row{"ReaderInputType",
            reader("{}"),
            {schema("These fields are required: [InputType] at " + kConfig)}},
        Row{"ReaderOfLists", reader("{}", "listObjectsV2"), {}},
        Row{"ReaderUnknownType",
            reader(R"({"InputType":"XML"})"),
            {schema(
                "Value should be one of the following: [CSV, JSON, JSONL, PARQUET, MANIFEST] at " +
                kConfig + "/InputType"
            )}},
        Row{"CsvWithoutHeaders",
            reader(R"({"InputType":"CSV"})"),
            {schema("The field 'CSVHeaderLocation' is required at " + kConfig)}},
        Row{"CsvGivenHeaders",
            reader(R"({"InputType":"CSV","CSVHeaderLocation":"GIVEN"})"),
            {schema("These fields are required: [CSVHeaders] at " + kConfig)}},
        Row{"CsvHeaderTypes",
            reader(R"({"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["a",1]})"),
            {schema("Expected value of type [STRING] at " + kConfig + "/CSVHeaders[1]")}},
        Row{"CsvDelimiter",
            reader(R"({"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","CSVDelimiter":";"})"),
            {schema(
                "Value should be one of the following: [COMMA, PIPE, SEMICOLON, SPACE, TAB] at " +
                kConfig + "/CSVDelimiter"
            )}},
        Row{"CsvFieldsOfJson",
            reader(R"({"InputType":"JSON","CSVHeaderLocation":"FIRST_ROW"})"),
            {schema("Field 'CSVHeaderLocation' is not supported at " + kConfig)}},
        Row{"ManifestTypeOfJson",
            reader(R"({"InputType":"JSON","ManifestType":"S3_INVENTORY"})"),
            {schema("Field 'ManifestType' is not supported at " + kConfig)}},
        Row{"ManifestTypeOfAthenaIsOfData",
            reader(R"({"InputType":"JSON","ManifestType":"ATHENA_DATA"})"),
            {schema("Field 'ManifestType' is not supported at " + kConfig)}},
        Row{"ManifestTypeOfAthena",
            reader(R"({"InputType":"JSONL","ManifestType":"ATHENA_DATA"})"),
            {}},
        Row{"ManifestTypeOfAnInventory", reader(R"({"ManifestType":"S3_INVENTORY"})"), {}},
        Row{"MaxItems",
            reader(R"({"InputType":"JSON","MaxItems":100000001})"),
            {schema("Maximum value is 100000000 at " + kConfig + "/MaxItems")}},
        Row{"MaxItemsTwice",
            reader(R"({"InputType":"JSON","MaxItems":1,"MaxItemsPath":"$.n"})"),
            {schema(
                "There should only be one of the following fields: [MaxItems, MaxItemsPath] at " +
                kConfig
            )}},
        Row{"BatchBytes",
            distributed(R"("ItemBatcher":{"MaxInputBytesPerBatch":262145,"X":1})"),
            {schema("Field 'X' is not supported at /States/A/ItemBatcher"),
             schema("Maximum value is 262144 at /States/A/ItemBatcher/MaxInputBytesPerBatch")}},
        Row{"WriterResource",
            distributed(
                R"("ResultWriter":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{}})"
            ),
            {schema("The field 'Resource' does not match any of the allowed values at "
                    "/States/A/ResultWriter/Resource")}},
        Row{"WriterParameters",
            distributed(R"("ResultWriter":{"Resource":"arn:aws:states:::s3:putObject"})"),
            {schema("These fields are required: [Parameters] at /States/A/ResultWriter")}},
        Row{"WriterLanguage",
            jsonata(
                R"("ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Arguments":{"Bucket":"b"},"Parameters":{}})"
            ),
            {schema("The QueryLanguage is set to 'JSONata', but field 'Parameters' is only "
                    "supported for the 'JSONPath' "
                    "QueryLanguage at /States/A/ResultWriter")}},
        Row{"WriterConfig",
            distributed(
                R"("ResultWriter":{"WriterConfig":{"Transformation":"ALL","OutputType":"XML"}})"
            ),
            {schema("Value should be one of the following: [NONE, COMPACT, FLATTEN] at "
                    "/States/A/ResultWriter/WriterConfig/Transformation"),
             schema("Value should be one of the following: [JSON, JSONL] at "
                    "/States/A/ResultWriter/WriterConfig/OutputType")}},
        Row{"IsolatedVariables",
            one_state(
                R"({"Type":"Map","Assign":{"x":1},"End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"x":2},"End":true}}}})"
            ),
            {}}
    ),
    name_of
);

}  // namespace
}  // namespace kiln::asl

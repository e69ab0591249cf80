// The tables of what services answer, and the comparison of a value with them.

#include "flow/test_state/shape_check.hpp"

#include "flow/test_state/service_shapes.hpp"

#include <gmock/gmock.h>

namespace kiln::flow {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kTable =
    "# a table of its own\n"
    "!describeThing\tr0\n"
    "!deleteThing\t-\n"
    "~0\tRED|DARK GREEN\n"
    "0\t*Name=s1,5\tColour=e0\tParts=lr1\tTags=ms,3\tSize=i0,10\tRate=f\tSince=t\tData=x1,\tOn="
    "b\tAny=a"
    "\tHTTPCode/HttpCode=i\n"
    "1\t*Id=s\tInside=r1\n";

TEST(ServiceShapes, ReadsActionsStructuresAndEnumerations) {
    const ServiceShapes shapes{kTable};
    EXPECT_EQ(shapes.output_of("describeThing"), "r0");
    EXPECT_EQ(shapes.output_of("DescribeThing"), "r0");
    EXPECT_EQ(shapes.output_of("deleteThing"), "");
    EXPECT_EQ(shapes.output_of("paintThing"), std::nullopt);
    EXPECT_THAT(shapes.values_of("e0"), ElementsAre("RED", "DARK GREEN"));
    const auto members = shapes.members_of("r1");
    ASSERT_EQ(members.size(), 2U);
    EXPECT_TRUE(members[0].required);
    EXPECT_EQ(members[0].name, "Id");
    EXPECT_EQ(members[1].type, "r1");
    EXPECT_FALSE(members[1].required);
}

TEST(ServiceShapes, PassesOverWhatIsNoLineOfTheFormat) {
    const ServiceShapes shapes{"nonsense\n!\n~x\ty\n7\tName=s\n\n"};
    EXPECT_THAT(shapes.members_of("r0"), IsEmpty());
    EXPECT_THAT(shapes.members_of("r"), IsEmpty());
    EXPECT_THAT(shapes.values_of("e99999999999999999999"), IsEmpty());
}

TEST(ServiceShapes, EveryEmbeddedTableHasActionsWhoseTypesExist) {
    ASSERT_THAT(service_texts(), Not(IsEmpty()));
    for (const auto& [service, text] : service_texts()) {
        const ServiceShapes shapes{text};
        std::size_t actions = 0;
        for (auto at = text.find("\n!"); at != std::string_view::npos;
             at = text.find("\n!", at + 1)) {
            const auto name = text.substr(at + 2, text.find('\t', at) - at - 2);
            const auto output = shapes.output_of(name);
            ASSERT_TRUE(output) << service << ' ' << name;
            ++actions;
            for (const auto& member : shapes.members_of(*output)) {
                EXPECT_FALSE(member.name.empty()) << service << ' ' << name;
                ASSERT_FALSE(member.type.empty()) << service << ' ' << name;
                EXPECT_NE(
                    std::string_view{"abefilmrstx"}.find(member.type.front()),
                    std::string_view::npos
                ) << service
                  << ' ' << name << ' ' << member.name;
                if (member.type.front() == 'e') {
                    EXPECT_THAT(shapes.values_of(member.type), Not(IsEmpty())) << service << name;
                }
            }
        }
        EXPECT_GT(actions, 0U) << service;
    }
}

struct Row {
    const char* name;
    const char* value;
    const char* complaint;  ///< "": none
    FieldValidation mode = FieldValidation::strict;
    Spelling spelling = Spelling::api;
};

void PrintTo(const Row& row, std::ostream* to) {
    *to << row.name;
}

class ShapeCheck : public ::testing::TestWithParam<Row> {};

TEST_P(ShapeCheck, NamesTheFirstMemberThatDoesNotFit) {
    const auto& row = GetParam();
    const ServiceShapes shapes{kTable};
    const auto complaint =
        explain_mismatch(json::parse(row.value), "r0", {shapes, row.spelling, row.mode, {"Free"}});
    EXPECT_EQ(complaint.value_or(""), row.complaint) << row.value;
}

constexpr auto kPresent = FieldValidation::present;

INSTANTIATE_TEST_SUITE_P(
    Table,
    ShapeCheck,
    ::testing::Values(
        Row{"fits", R"({"Name":"a","Colour":"RED","Size":0,"On":true,"Any":[1]})", ""},
        Row{"unknown_members_are_passed_over", R"({"Name":"a","New":1})", ""},
        Row{"required_is_missing", R"({})", "Required field 'Name' is missing"},
        Row{"required_may_be_missing_in_present_mode", R"({})", "", kPresent},
        Row{"required_in_an_item",
            R"({"Name":"a","Parts":[{}]})",
            "Required field 'Id' is missing"},
        Row{"no_text", R"({"Name":1})", "Field 'Name' must be a string"},
        Row{"null_is_no_text", R"({"Name":null})", "Field 'Name' must be a string"},
        Row{"type_in_present_mode", R"({"Name":1})", "Field 'Name' must be a string", kPresent},
        Row{"too_short", R"({"Name":""})", "Field 'Name' is smaller than the minimum length"},
        Row{"too_long", R"({"Name":"abcdef"})", "Field 'Name' exceeds the maximum length"},
        Row{"length_counts_characters", R"({"Name":"äöüßé"})", ""},
        Row{"no_value_of_the_enumeration",
            R"({"Name":"a","Colour":"GREEN"})",
            "Field 'Colour' is not an expected value"},
        Row{"enumeration_is_a_text",
            R"({"Name":"a","Colour":1})",
            "Field 'Colour' must be a string"},
        Row{"no_array", R"({"Name":"a","Parts":{}})", "Field 'Parts' must be an array"},
        Row{"no_object_in_an_array",
            R"({"Name":"a","Parts":[1]})",
            "Field 'Parts' must be an object"},
        Row{"second_item",
            R"({"Name":"a","Parts":[{"Id":"x"},{"Id":2}]})",
            "Field 'Id' must be a string"},
        Row{"no_object", R"({"Name":"a","Tags":[]})", "Field 'Tags' must be an object"},
        Row{"value_of_a_map", R"({"Name":"a","Tags":{"k":7}})", "Field 'Tags' must be a string"},
        Row{"no_number", R"({"Name":"a","Size":"1"})", "Field 'Size' must be a number"},
        Row{"too_small",
            R"({"Name":"a","Size":-1})",
            "Field 'Size' is less than the minimum value"},
        Row{"too_large", R"({"Name":"a","Size":11})", "Field 'Size' exceeds the maximum value"},
        Row{"fraction", R"({"Name":"a","Rate":1.5})", ""},
        Row{"boolean_is_no_number", R"({"Name":"a","Rate":true})", "Field 'Rate' must be a number"},
        Row{"time_is_a_text",
            R"({"Name":"a","Since":1764103483})",
            "Field 'Since' must be a string"},
        Row{"bytes_too_short",
            R"({"Name":"a","Data":""})",
            "Field 'Data' is smaller than the minimum length"},
        Row{"no_boolean", R"({"Name":"a","On":"yes"})", "Field 'On' must be a boolean"},
        Row{"api_spelling", R"({"Name":"a","HTTPCode":"1"})", "Field 'HTTPCode' must be a number"},
        Row{"java_spelling",
            R"({"Name":"a","HttpCode":"1"})",
            "Field 'HttpCode' must be a number",
            FieldValidation::strict,
            Spelling::java},
        Row{"other_spelling_is_unknown", R"({"Name":"a","HttpCode":"1"})", ""},
        Row{"no_object_at_all", R"([])", "Mocked result must be a JSON object"}
    ),
    [](const auto& row) { return std::string{row.param.name}; }
);

TEST(ShapeCheck, LeavesFreeMembersOfTheAnswerAlone) {
    const ServiceShapes shapes{kTable};
    const ShapeRule rule{shapes, Spelling::api, FieldValidation::strict, {"Name"}};
    EXPECT_EQ(explain_mismatch(json::parse(R"({"Name":{"a":1}})"), "r0", rule), std::nullopt);
}

}  // namespace
}  // namespace kiln::flow

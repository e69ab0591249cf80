set(test_state_headers
  test_state/context_rules.hpp test_state/mock_rules.hpp test_state/request_rules.hpp test_state/service_shapes.hpp
  test_state/shape_check.hpp test_state/state_test.hpp test_state/test_state.hpp test_state/test_surroundings.hpp)
set(test_state_sources
  test_state/context_rules.cpp test_state/inspection_data.cpp test_state/map_test.cpp test_state/mock_rules.cpp
  test_state/request_rules.cpp test_state/service_shapes.cpp test_state/shape_check.cpp test_state/state_test.cpp
  test_state/test_state.cpp test_state/test_surroundings.cpp
  ${CMAKE_CURRENT_BINARY_DIR}/service_texts.cpp)
set(test_state_deps)

# The tables of shapes/ as one source: a raw string for each.
file(GLOB shape_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test_state/shapes/*.txt)
list(SORT shape_files)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${shape_files})
set(shape_rows)
foreach(file IN LISTS shape_files)
  cmake_path(GET file STEM service)
  file(READ ${file} text)
  string(APPEND shape_rows "        {\"${service}\", R\"~(${text})~\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/service_texts.cpp @ONLY CONTENT
"// Written by src/flow/test_state/sources.cmake.
#include \"flow/test_state/service_shapes.hpp\"

namespace kiln::flow {

const std::vector<ServiceText>& service_texts() {
    static const std::vector<ServiceText> kTexts = {
@shape_rows@    };
    return kTexts;
}

}  // namespace kiln::flow
")

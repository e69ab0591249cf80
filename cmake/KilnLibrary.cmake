# kiln_library() is the only way to make a library, kiln_test() the only way to make a test program.

set(kiln_sanitizer)
if(KILN_SANITIZE STREQUAL "address")
  # Without the checks of each pointer's use, which double the code: the address sanitizer finds null and dead ones.
  set(kiln_sanitizer -fsanitize=address,undefined -fno-sanitize=null,alignment,object-size,vptr)
elseif(KILN_SANITIZE STREQUAL "thread")
  set(kiln_sanitizer -fsanitize=thread)
elseif(KILN_SANITIZE)
  message(FATAL_ERROR "KILN_SANITIZE is '${KILN_SANITIZE}'; it may be OFF, address or thread")
endif()

add_library(kiln_options INTERFACE)
target_compile_options(kiln_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum -Wnon-virtual-dtor -Wold-style-cast -Werror
  -Wno-missing-field-initializers  # g++ 12 gives it for {.name = value} too, where it is the point
  # False alarms of g++ 12 on inlined std::string, at -O2 and above (GCC bugs 105651, 105329).
  $<$<CONFIG:Release>:-Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds>
  # -Wno-tsan: g++ says that the thread sanitizer does not see fences, which Asio has.
  $<$<STREQUAL:${KILN_SANITIZE},thread>:-Wno-tsan>
  $<$<BOOL:${KILN_SANITIZE}>:${kiln_sanitizer} -fno-sanitize-recover=all -fno-omit-frame-pointer>)
target_link_options(kiln_options INTERFACE ${kiln_sanitizer})
target_compile_definitions(kiln_options INTERFACE
  $<$<BOOL:${KILN_FAULT_POINTS}>:KILN_FAULT_POINTS>)

find_program(KILN_MOLD mold)
if(KILN_MOLD)
  target_link_options(kiln_options INTERFACE -fuse-ld=mold)
endif()

# One precompiled header for all: the standard library and the third-party headers that many files use.
# Its target links only what every module links: a macro that one module alone has would make the
# header unusable for the others.
function(kiln_precompile target)
  if(NOT TARGET kiln_precompiled)
    add_library(kiln_precompiled STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
    target_link_libraries(kiln_precompiled PRIVATE Boost::json fmt::fmt Threads::Threads kiln_options)
    target_precompile_headers(kiln_precompiled PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp)
  endif()
  target_precompile_headers(${target} REUSE_FROM kiln_precompiled)
endfunction()

# kiln_library(NAME LAYER n SOURCES … HEADERS … DEPS … PRIVATE_DEPS …)
function(kiln_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LAYER" "HEADERS;SOURCES;DEPS;PRIVATE_DEPS")
  add_library(kiln_${name} STATIC)
  add_library(kiln::${name} ALIAS kiln_${name})
  target_sources(kiln_${name} PRIVATE ${arg_SOURCES}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${arg_HEADERS})
  set_target_properties(kiln_${name} PROPERTIES
    KILN_LAYER ${arg_LAYER} VERIFY_INTERFACE_HEADER_SETS ON LINKER_LANGUAGE CXX)
  foreach(dep IN LISTS arg_DEPS arg_PRIVATE_DEPS)
    if(dep MATCHES "^kiln::(.+)$")
      get_target_property(layer kiln_${CMAKE_MATCH_1} KILN_LAYER)
      if(NOT layer LESS arg_LAYER)
        message(FATAL_ERROR
          "${name} (layer ${arg_LAYER}) may not depend on ${CMAKE_MATCH_1} (layer ${layer})")
      endif()
    endif()
  endforeach()
  target_link_libraries(kiln_${name} PUBLIC ${arg_DEPS} PRIVATE ${arg_PRIVATE_DEPS} kiln_options)
  kiln_precompile(kiln_${name})
endfunction()

# kiln_test(NAME SOURCES … DEPS … LABELS … TIMEOUT s WHOLE ENVIRONMENT …): one GoogleTest program.
# WHOLE: one test for CTest, for a program that starts a server for all its cases.
# Unit tests are registered case by case; label `root` runs them one program at a time, since
# they share the machine's loop devices and mounts. Target tests_LABEL builds all of a label.
function(kiln_test name)
  if(NOT KILN_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "WHOLE" "TIMEOUT" "SOURCES;DEPS;LABELS;ENVIRONMENT")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(NOT arg_LABELS)
    set(arg_LABELS unit)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(${name} PRIVATE KILN_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_DEPS} GTest::gmock GTest::gtest_main kiln_options)
  kiln_precompile(${name})
  foreach(label IN LISTS arg_LABELS)
    if(NOT TARGET tests_${label})
      add_custom_target(tests_${label})
    endif()
    add_dependencies(tests_${label} ${name})
  endforeach()
  if(arg_WHOLE)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES
      LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${arg_ENVIRONMENT}")
    return()
  endif()
  include(GoogleTest)
  gtest_discover_tests(${name}
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT})
endfunction()

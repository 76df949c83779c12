(type_spec name: (_) @name type_parameters: (_)? @type_params) @class
(type_spec name: (_) @name type_parameters: (_)? @type_params
  type: [(array_type) (slice_type) (map_type) (function_type) (channel_type) (pointer_type) (type_identifier)
         (qualified_type) (generic_type)] @heritage) @class
(type_alias name: (_) @name type_parameters: (_)? @type_params type: (_) @heritage) @class
(type_spec type: (struct_type (field_declaration_list (field_declaration !name type: (_) @base)))) @owner
(type_spec type: (interface_type (type_elem (_) @base))) @owner

(function_declaration name: (_) @name
  type_parameters: (_)? @type_params parameters: (_) @params result: (_)? @returns) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: (_) @receiver))
  name: (_) @name parameters: (_) @params result: (_)? @returns) @function

(source_file (const_declaration (const_spec name: (_) @name) @constant))
(source_file (var_declaration (var_spec name: (_) @name) @constant))
(source_file (var_declaration (var_spec_list (var_spec name: (_) @name) @constant)))
(field_declaration name: (_) @name type: (_) @type) @field
(method_elem name: (_) @name parameters: (_) @params result: (_)? @returns) @function

(call_expression function: (_) @callee)

(comment) @comment
(type_declaration [(type_spec) (type_alias)] @inner) @around
(const_declaration (const_spec) @inner) @around
(var_declaration (var_spec) @inner) @around

(import_spec !name path: (_) @module) @taken
(import_spec name: (package_identifier) @local path: (_) @module) @taken
(import_spec name: (dot) @all path: (_) @module) @taken
(import_spec name: (blank_identifier) @unused path: (_) @module) @taken

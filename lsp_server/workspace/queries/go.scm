(type_spec name: (_) @name type_parameters: (_)? @type_params type: [(struct_type) (interface_type)]) @class
(type_spec type: (struct_type (field_declaration_list (field_declaration !name type: (_) @base)))) @owner
(type_spec type: (interface_type (type_elem (_) @base))) @owner

(function_declaration name: (_) @name
  type_parameters: (_)? @type_params parameters: (_) @params result: (_)? @returns) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: (_) @receiver))
  name: (_) @name parameters: (_) @params result: (_)? @returns) @function

(source_file (const_declaration (const_spec name: (_) @name) @constant))
(source_file (var_declaration (var_spec name: (_) @name) @constant))

(call_expression function: (_) @callee) @call
(call_expression function: (identifier) @raised (#eq? @raised "panic")) @raise

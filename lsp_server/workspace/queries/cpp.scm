(class_specifier name: (_) @name (base_class_clause)? @heritage body: (_)) @class
(struct_specifier name: (_) @name (base_class_clause)? @heritage body: (_)) @class
(union_specifier name: (_) @name body: (_)) @class
(enum_specifier name: (_) @name body: (_)) @class
(class_specifier (base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)) @owner
(struct_specifier (base_class_clause [(type_identifier) (qualified_identifier) (template_type)] @base)) @owner

(function_definition type: (_)? @returns declarator: (function_declarator
  declarator: [(identifier) (field_identifier) (qualified_identifier) (destructor_name) (operator_name)] @name
  parameters: (_) @params)) @function
(function_definition type: (_) @returns declarator: (pointer_declarator declarator: (function_declarator
  declarator: [(identifier) (field_identifier) (qualified_identifier)] @name parameters: (_) @params))) @function
(function_definition type: (_) @returns declarator: (reference_declarator (function_declarator
  declarator: [(identifier) (field_identifier) (qualified_identifier)] @name parameters: (_) @params))) @function
(field_declaration type: (_) @returns
  declarator: (function_declarator declarator: (field_identifier) @name parameters: (_) @params)) @function

(preproc_def name: (_) @name) @constant
(preproc_function_def name: (_) @name parameters: (_) @params) @function
(declaration (type_qualifier) declarator: (init_declarator declarator: (identifier) @name)) @constant

(call_expression function: (template_function name: (_) @callee)) @call
(call_expression function: [(identifier) (field_expression) (qualified_identifier)] @callee) @call
(new_expression type: (_) @callee) @call
(throw_statement [(call_expression function: (_) @raised) (identifier) @raised]) @raise
